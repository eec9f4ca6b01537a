import { mkdir, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { writeDurably } from './write-durably.ts'

describe('files that are written durably', () => {
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'orlop-kmc-files-'))
  })
  afterEach(() => rm(folder, { recursive: true }))

  it('replace the one before, for their owner only, and leave nothing beside', async () => {
    const path = join(folder, 'made', 'secret')
    await writeDurably(path, 'one')
    await writeDurably(path, 'two')
    expect(await readFile(path, 'utf8')).to.equal('two')
    expect((await stat(path)).mode & 0o777).to.equal(0o600)
    expect(await readdir(join(folder, 'made'))).to.deep.equal(['secret'])
  })

  it('leave nothing of their content when they cannot be put in place', async () => {
    await mkdir(join(folder, 'taken', 'inside'), { recursive: true })
    const failed: unknown = await writeDurably(join(folder, 'taken'), 'secret').catch(
      (error: unknown) => error,
    )
    expect(failed).to.be.an('error')
    expect(await readdir(folder)).to.deep.equal(['taken'])
  })
})
