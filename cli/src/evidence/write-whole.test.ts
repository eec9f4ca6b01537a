import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { writeWhole } from './write-whole.ts'

describe('writing a file whole', () => {
  let folder: string
  const text = (value: string) => new TextEncoder().encode(value)

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'orlop-whole-'))
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))

  it('leaves what is there alone unless it may be replaced, and nothing else behind', async () => {
    const file = join(folder, 'a.json')
    await writeWhole(file, text('one'), { mayReplace: false })
    const refused = await writeWhole(file, text('two'), { mayReplace: false }).catch(
      (error: unknown) => error,
    )
    expect(refused).to.include({ code: 'EEXIST', path: file })
    expect(await readFile(file, 'utf8')).to.equal('one')
    await writeWhole(file, text('three'), { mayReplace: true })
    expect(await readFile(file, 'utf8')).to.equal('three')
    expect(await readdir(folder)).to.deep.equal(['a.json'])
  })
})
