import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { expect } from 'chai'
import { FSWatcher } from 'chokidar'
import { FolderWatcher, isUnfinishedName } from './folder-watcher.ts'
import type { FoundFile } from './spool/spool.ts'

describe('the folder watcher', () => {
  let folder: string
  let watcher: FolderWatcher
  let found: FoundFile[]
  let links: string[]
  let onFound: (() => void) | null

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'orlop-watch-'))
    found = []
    links = []
    onFound = null
    watcher = new FolderWatcher(
      { folders: [folder], settledMs: 100 },
      {
        onFile: (file) => {
          found.push(file)
          onFound?.()
          return Promise.resolve()
        },
        onLink: (path) => links.push(basename(path)),
        onFailure: (error) => {
          throw error
        },
      },
    )
  })
  afterEach(async () => {
    await watcher.stop()
    await rm(folder, { recursive: true })
  })

  /** Resolves when so many files were handed over. */
  const untilFound = (count: number) =>
    new Promise<void>((resolve) => {
      const check = () => {
        if (found.length >= count) resolve()
      }
      onFound = check
      check()
    })
  const names = () => found.map(({ path }) => basename(path)).sort()

  it('finds files that were there, that come later, and in new folders below', async () => {
    await writeFile(join(folder, 'before.txt'), 'a')
    await watcher.start()
    await writeFile(join(folder, 'after.txt'), 'bb')
    await mkdir(join(folder, 'leg'))
    await writeFile(join(folder, 'leg', 'below.txt'), 'ccc')
    await untilFound(3)
    expect(names()).to.deep.equal(['after.txt', 'before.txt', 'below.txt'])
    expect(found.find(({ path }) => path.endsWith('below.txt'))?.sizeBytes).to.equal(3)
  })

  it('finds files of which no notification comes', async () => {
    const silent = Object.assign(new FSWatcher(), { close: () => Promise.resolve() })
    const deaf = new FolderWatcher(
      { folders: [folder], settledMs: 100, sweepMs: 1 },
      {
        onFile: ({ path }) => {
          found.push({ path, sizeBytes: 0, modifiedMs: 0 })
          onFound?.()
          return Promise.resolve()
        },
        onLink: (path) => links.push(path),
        onFailure: (error) => {
          throw error
        },
      },
      () => {
        setImmediate(() => silent.emit('ready'))
        return silent
      },
    )
    await deaf.start()
    await mkdir(join(folder, 'leg'))
    await writeFile(join(folder, 'leg', 'unheard.txt'), 'x')
    await untilFound(1)
    expect(names()).to.deep.equal(['unheard.txt'])
    await deaf.stop()
  })

  it('leaves unfinished files alone until they are renamed', async () => {
    await writeFile(join(folder, 'photo.jpg.part'), 'half')
    await writeFile(join(folder, '.hidden'), 'x')
    await watcher.start()
    await writeFile(join(folder, 'photo.jpg.part'), 'whole photo')
    await rename(join(folder, 'photo.jpg.part'), join(folder, 'photo.jpg'))
    await untilFound(1)
    expect(found.map(({ path, sizeBytes }) => [basename(path), sizeBytes])).to.deep.equal([
      ['photo.jpg', 11],
    ])
  })

  it('leaves symbolic links alone, and says so', async () => {
    const outside = await mkdtemp(join(tmpdir(), 'orlop-outside-'))
    try {
      await writeFile(join(outside, 'secret.txt'), 'not for storing')
      await symlink(join(outside, 'secret.txt'), join(folder, 'a-link-before.txt'))
      await symlink(outside, join(folder, 'a-linked-folder'))
      await watcher.start()
      await symlink(join(outside, 'secret.txt'), join(folder, 'a-link-after.txt'))
      await writeFile(join(folder, 'b.txt'), 'x')
      await untilFound(1)
      // Links are handed over at once, files only after they have settled; a second file makes sure of the order.
      await writeFile(join(folder, 'c.txt'), 'x')
      await untilFound(2)
      expect(names()).to.deep.equal(['b.txt', 'c.txt'])
      expect(links).to.include.members(['a-link-before.txt', 'a-link-after.txt'])
    } finally {
      await rm(outside, { recursive: true })
    }
  })

  it('knows unfinished files by their names', () => {
    for (const name of ['.x', 'a~', 'a.part', 'a.TMP', 'a.crdownload'])
      expect(isUnfinishedName(`/f/${name}`), name).to.equal(true)
    for (const name of ['a', 'part', 'tmp.txt', 'a.partly'])
      expect(isUnfinishedName(`/f/${name}`), name).to.equal(false)
  })
})
