import { mkdtemp, open, readdir, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { blobStoreConformance, codeOf, keyOf, readAll, sample } from './blob-store.conformance.ts'
import { FileBlobStore } from './file-blob-store.ts'
import type { StripKey } from './interfaces.ts'
import { formatStripName } from './strip-name.ts'

const finalPath = (root: string, key: StripKey, ending = 'strip') =>
  join(root, 'strips', formatStripName(key).slice(0, 2), `${formatStripName(key)}.${ending}`)

async function flipBit(path: string, offset: number): Promise<void> {
  const file = await open(path, 'r+')
  const byte = new Uint8Array(1)
  await file.read(byte, 0, 1, offset)
  await file.write(Uint8Array.of((byte[0] ?? 0) ^ 1), 0, 1, offset)
  await file.close()
}

/** A store on a disk of this size, on which nothing else is. */
async function crampedStore(root: string, diskBytes: number): Promise<FileBlobStore> {
  const path = join(root, 'cramped')
  const diskFreeBytes = async () => {
    let used = 0
    for (const name of await readdir(join(path, 'staging')))
      used += (await stat(join(path, 'staging', name))).size
    return diskBytes - used
  }
  return FileBlobStore.open(path, { reserveBytes: 0, diskFreeBytes })
}

blobStoreConformance('FileBlobStore', async () => {
  const root = await mkdtemp(join(tmpdir(), 'orlop-blobs-'))
  const store = await FileBlobStore.open(root, { reserveBytes: 0 })
  return {
    store,
    reopen: () => FileBlobStore.open(root, { reserveBytes: 0 }),
    damage: (key, offset) => flipBit(finalPath(root, key), offset),
    cramped: (freeBytes) => crampedStore(root, freeBytes),
    teardown: async () => {
      await store.close()
      await rm(root, { recursive: true })
    },
  }
})

describe('FileBlobStore', () => {
  let root: string
  let store: FileBlobStore
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'orlop-blobs-'))
    store = await FileBlobStore.open(root, { reserveBytes: 0 })
  })
  afterEach(async () => {
    await store.close()
    await rm(root, { recursive: true })
  })

  it('leaves no strip open when it is closed in the middle of opening one, and opens none afterwards', async () => {
    for (let turns = 0; turns < 12; turns++) {
      const staging = store.stage(keyOf(turns), 100)
      for (let turn = 0; turn < turns; turn++) await Promise.resolve()
      await store.close()
      // Refused, or opened and let go of again.
      const code = await codeOf(staging.then((handle) => handle.append(sample(10))))
      expect(code, `after ${String(turns)} turns`).to.be.oneOf(['ABORTED', 'NODE_UNREACHABLE'])
      expect(await codeOf(store.stage(keyOf(turns), 100))).to.equal('NODE_UNREACHABLE')
      store = await FileBlobStore.open(root, { reserveBytes: 0 })
    }
  })

  async function put(key: StripKey, bytes: Uint8Array) {
    const staging = await store.stage(key, bytes.length)
    await staging.append(bytes)
    const terms = await staging.seal()
    await store.finalize(key, terms)
    return terms
  }

  it('makes a lost or torn file of block hashes again from the strip', async () => {
    const bytes = sample(300_000)
    const terms = await put(keyOf(1), bytes)
    const spoil = [
      () => rm(finalPath(root, keyOf(1), 'blocks')),
      () => truncate(finalPath(root, keyOf(1), 'blocks'), 33),
      () => flipBit(finalPath(root, keyOf(1), 'blocks'), 40),
    ]
    for (const damage of spoil) {
      await damage()
      const fresh = await FileBlobStore.open(root)
      expect((await readAll(await fresh.openReader(keyOf(1), terms))).equals(bytes)).to.equal(true)
    }
  })

  it('says STRIP_DAMAGED when hashes and strip are both spoilt, or the file is cut or gone', async () => {
    const terms = await put(keyOf(1), sample(300_000))
    await rm(finalPath(root, keyOf(1), 'blocks'))
    await flipBit(finalPath(root, keyOf(1)), 1)
    expect(await codeOf(store.openReader(keyOf(1), terms))).to.equal('STRIP_DAMAGED')
    await truncate(finalPath(root, keyOf(1)), 299_999)
    expect(await codeOf(store.openReader(keyOf(1), terms))).to.equal('STRIP_DAMAGED')
    await rm(finalPath(root, keyOf(1)))
    expect(await codeOf(store.openReader(keyOf(1), terms))).to.equal('STRIP_DAMAGED')
  })

  it('deletes hash files without a strip at opening, and leaves strange files alone', async () => {
    await put(keyOf(1), sample(300_000))
    await rm(finalPath(root, keyOf(1)))
    await writeFile(join(root, 'staging', 'operator-note.txt'), 'hands off')
    const again = await FileBlobStore.open(root)
    expect(again.orphanHashes).to.equal(1)
    expect(await readdir(join(root, 'strips', '01'))).to.deep.equal([])
    expect(await readdir(join(root, 'staging'))).to.deep.equal(['operator-note.txt'])
  })

  it('keeps working with more strips under way than it keeps open', async () => {
    for (let fill = 0; fill < 80; fill++) {
      const handle = await store.stage(keyOf(fill), 8)
      await handle.append(sample(4, fill))
      await handle.close()
    }
    for (let fill = 0; fill < 80; fill++) {
      const handle = await store.stage(keyOf(fill), 8)
      expect(handle.durableBytes).to.equal(4)
      await handle.append(sample(4, 1))
      await handle.close()
      expect(await store.stagedBytes(keyOf(fill))).to.equal(8)
    }
  })
})
