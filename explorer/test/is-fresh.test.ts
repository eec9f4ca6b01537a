import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { isFresh } from '../scripts/is-fresh.ts'

describe('isFresh', () => {
  let folder = ''

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'orlop-fresh-'))
    await mkdir(join(folder, 'src/deep'), { recursive: true })
  })
  afterEach(() => rm(folder, { recursive: true }))

  const write = async (name: string, seconds: number) => {
    await writeFile(join(folder, name), '')
    await utimes(join(folder, name), seconds, seconds)
  }
  const ask = () => isFresh(join(folder, 'built'), [join(folder, 'src'), join(folder, 'gone')])

  it('holds while every source is older than what was built', async () => {
    await write('src/deep/a.ts', 100)
    await write('built', 200)
    expect(await ask()).to.equal(true)
  })

  it('ends when a file deep inside is newer', async () => {
    await write('built', 200)
    await write('src/deep/a.ts', 300)
    expect(await ask()).to.equal(false)
  })

  it('is not where nothing was built', async () => {
    await write('src/deep/a.ts', 100)
    expect(await ask()).to.equal(false)
  })
})
