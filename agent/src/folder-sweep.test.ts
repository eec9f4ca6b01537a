import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { expect } from 'chai'
import { FolderSweep } from './folder-sweep.ts'
import { lookAtFile } from './found-file.ts'

const SETTLED_MS = 2_000

describe('the sweep of watched folders', () => {
  let folder: string
  let sweep: FolderSweep
  let nowMs: number

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'orlop-sweep-'))
    const isIgnored = (path: string) => path.endsWith('.part')
    sweep = new FolderSweep({ folders: [folder], settledMs: SETTLED_MS, isIgnored })
    nowMs = 0
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))

  /** What is found after so long. */
  async function lookAfter(durationMs: number): Promise<string[]> {
    nowMs += durationMs
    const found = await sweep.look(nowMs, (error) => {
      throw error
    })
    for (const file of found) sweep.noteHanded(file)
    return found.map(({ path }) => basename(path)).sort()
  }

  it('finds what nobody told of, in folders below too, when it has settled, and once', async () => {
    await mkdir(join(folder, 'leg', 'deep'), { recursive: true })
    await writeFile(join(folder, 'leg', 'deep', 'plan.txt'), 'a')
    await writeFile(join(folder, 'log.nmea'), 'b')
    expect(await lookAfter(10_000)).to.deep.equal([])
    expect(await lookAfter(SETTLED_MS - 1)).to.deep.equal([])
    expect(await lookAfter(1)).to.deep.equal(['log.nmea', 'plan.txt'])
    expect(await lookAfter(10_000)).to.deep.equal([])
  })

  it('waits for a file that changes, and finds one anew that has changed', async () => {
    const path = join(folder, 'log.nmea')
    await writeFile(path, 'a')
    await lookAfter(0)
    await writeFile(path, 'ab')
    expect(await lookAfter(SETTLED_MS)).to.deep.equal([])
    expect(await lookAfter(SETTLED_MS)).to.deep.equal(['log.nmea'])
    await writeFile(path, 'abc')
    expect(await lookAfter(SETTLED_MS)).to.deep.equal([])
    expect(await lookAfter(SETTLED_MS)).to.deep.equal(['log.nmea'])
  })

  it('leaves alone what was handed over by notification, unfinished files and links', async () => {
    const path = join(folder, 'photo.jpg')
    await writeFile(path, 'a')
    await writeFile(join(folder, 'half.part'), 'a')
    await symlink(path, join(folder, 'link.jpg'))
    const file = await lookAtFile(path)
    sweep.noteHanded(file!)
    expect(await lookAfter(0)).to.deep.equal([])
    expect(await lookAfter(SETTLED_MS)).to.deep.equal([])
  })

  it('tells of a folder that cannot be looked at, and looks at the others', async () => {
    const gone = join(folder, 'gone')
    const both = { folders: [gone, folder], settledMs: 0, isIgnored: () => false }
    await writeFile(join(folder, 'a.txt'), 'a')
    const failures: unknown[] = []
    const found = await new FolderSweep(both).look(1, (error) => failures.push(error))
    expect(failures).to.have.length(1)
    expect(found.map(({ path }) => basename(path))).to.deep.equal(['a.txt'])
  })
})
