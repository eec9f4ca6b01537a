import { expect } from 'chai'
import { merkleRoot } from '@orlop/crypto/merkle'
import type { ErrorCode } from '@orlop/protocol/error-codes'
import { isOrlopError } from '@orlop/protocol/errors'
import type { BlobStore, StripKey, StripReader, StripTerms } from './interfaces.ts'

export interface BlobStoreSetup {
  store: BlobStore
  /** Opens the same place anew, as after a restart of the process; null where nothing outlives it. */
  reopen: (() => Promise<BlobStore>) | null
  /** Flips one bit of a final strip's bytes on disk; null where nobody can. */
  damage: ((key: StripKey, offsetBytes: number) => Promise<void>) | null
  /** A store whose disk has this much room. */
  cramped: (freeBytes: number) => Promise<BlobStore>
  teardown: () => Promise<void>
}

const KIB = 1024

export const keyOf = (fill: number, index = 0, clientId = 7): StripKey => ({
  objectId: new Uint8Array(32).fill(fill),
  clientId,
  index,
})

/** Bytes that differ everywhere, so that a swapped or shifted block shows. */
export function sample(lengthBytes: number, seed = 1): Uint8Array {
  const bytes = new Uint8Array(lengthBytes)
  let state = seed
  for (let at = 0; at < lengthBytes; at++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    bytes[at] = state >>> 24
  }
  return bytes
}

export const termsOf = (bytes: Uint8Array): StripTerms => ({
  root: merkleRoot(bytes),
  stripBytes: bytes.length,
})

export async function readAll(reader: StripReader, offset = 0, length = Number.MAX_SAFE_INTEGER) {
  const pieces: Uint8Array[] = []
  try {
    for await (const piece of reader.read(offset, length)) pieces.push(piece)
  } finally {
    await reader.close()
  }
  return Buffer.concat(pieces)
}

export async function codeOf(promise: Promise<unknown>): Promise<ErrorCode | 'none'> {
  try {
    await promise
    return 'none'
  } catch (error) {
    if (isOrlopError(error)) return error.code
    throw error
  }
}

async function put(store: BlobStore, key: StripKey, bytes: Uint8Array): Promise<StripTerms> {
  const staging = await store.stage(key, bytes.length)
  for (let at = 0; at < bytes.length; at += 100_000)
    await staging.append(bytes.subarray(at, at + 100_000))
  const terms = await staging.seal()
  await staging.close()
  await store.finalize(key, terms)
  return terms
}

const listOf = async (store: BlobStore) => {
  const found: string[] = []
  for await (const { key, place, lengthBytes } of store.list())
    found.push(`${String(key.objectId[0])}/${String(key.index)} ${place} ${String(lengthBytes)}`)
  return found.sort()
}

/** What every {@link BlobStore} does. */
export function blobStoreConformance(name: string, setup: () => Promise<BlobStoreSetup>): void {
  describe(`BlobStore: ${name}`, () => {
    let world: BlobStoreSetup
    beforeEach(async () => {
      world = await setup()
    })
    afterEach(() => world.teardown())
    staging(() => world)
    finalizing(() => world)
    reading(() => world)
    restarting(() => world)
  })
}

function staging(world: () => BlobStoreSetup): void {
  it('tells durable bytes from received ones', async () => {
    const handle = await world().store.stage(keyOf(1), 1000)
    await handle.append(sample(600))
    expect([handle.receivedBytes, handle.durableBytes]).to.deep.equal([600, 0])
    expect(await handle.sync()).to.equal(600)
    expect(handle.durableBytes).to.equal(600)
  })

  it('continues where an earlier handle stopped, and stops that handle', async () => {
    const bytes = sample(200 * KIB)
    const first = await world().store.stage(keyOf(1), bytes.length)
    await first.append(bytes.subarray(0, 70_000))
    const second = await world().store.stage(keyOf(1), bytes.length)
    expect(second.durableBytes).to.equal(70_000)
    expect(await codeOf(first.append(bytes.subarray(70_000)))).to.equal('ABORTED')
    expect(await codeOf(first.sync())).to.equal('ABORTED')
    await first.close()
    await second.append(bytes.subarray(70_000))
    expect(await second.seal()).to.deep.equal(termsOf(bytes))
  })

  it('refuses more than was reserved and keeps nothing of it', async () => {
    const handle = await world().store.stage(keyOf(1), 1000)
    await handle.append(sample(900))
    expect(await codeOf(handle.append(sample(101)))).to.equal('RESERVATION_EXCEEDED')
    expect(handle.receivedBytes).to.equal(900)
    await handle.append(sample(100, 2))
    const bytes = Buffer.concat([sample(900), sample(100, 2)])
    expect(await handle.seal()).to.deep.equal(termsOf(bytes))
  })

  it('takes no more bytes once the strip is ended', async () => {
    const handle = await world().store.stage(keyOf(1), 1000)
    await handle.append(sample(10))
    await handle.seal()
    expect(await codeOf(handle.append(sample(1)))).to.equal('MALFORMED_MESSAGE')
  })

  it('discards staged bytes', async () => {
    const { store } = world()
    const handle = await store.stage(keyOf(1), 1000)
    await handle.append(sample(10))
    expect(await store.stagedBytes(keyOf(1))).to.equal(10)
    expect(await store.discard(keyOf(1))).to.equal(true)
    expect(await store.stagedBytes(keyOf(1))).to.equal(null)
    expect(await store.discard(keyOf(1))).to.equal(false)
    expect((await store.stage(keyOf(1), 1000)).receivedBytes).to.equal(0)
  })

  it('says DISK_FULL, keeps what was there, and goes on when there is room', async () => {
    const store = await world().cramped(100 * KIB)
    const handle = await store.stage(keyOf(1), 1000 * KIB)
    await handle.append(sample(60 * KIB))
    expect(await codeOf(handle.append(sample(60 * KIB, 2)))).to.equal('DISK_FULL')
    expect(handle.receivedBytes).to.equal(60 * KIB)
    await handle.append(sample(1000, 3))
    const bytes = Buffer.concat([sample(60 * KIB), sample(1000, 3)])
    expect(await handle.seal()).to.deep.equal(termsOf(bytes))
    await store.close()
  })
}

function finalizing(world: () => BlobStoreSetup): void {
  it('makes a strip readable only by finalizing it', async () => {
    const { store } = world()
    const bytes = sample(130 * KIB)
    const handle = await store.stage(keyOf(1), bytes.length)
    await handle.append(bytes)
    const terms = await handle.seal()
    expect(await codeOf(store.openReader(keyOf(1), terms))).to.equal('STRIP_DAMAGED')
    await store.finalize(keyOf(1), terms)
    expect(await readAll(await store.openReader(keyOf(1), terms))).to.deep.equal(Buffer.from(bytes))
    expect(await listOf(store)).to.deep.equal([`1/0 final ${String(bytes.length)}`])
  })

  it('finalizes again without harm, and refuses to stage what is final', async () => {
    const { store } = world()
    const terms = await put(store, keyOf(1), sample(70 * KIB))
    await store.finalize(keyOf(1), terms)
    expect(await codeOf(store.stage(keyOf(1), 10))).to.equal('ALREADY_EXISTS')
  })

  it('refuses another root or length and keeps the bytes staged', async () => {
    const { store } = world()
    const bytes = sample(5000)
    const handle = await store.stage(keyOf(1), 5000)
    await handle.append(bytes)
    const wrong = { root: new Uint8Array(32), stripBytes: 5000 }
    expect(await codeOf(store.finalize(keyOf(1), wrong))).to.equal('COMMIT_INVALID')
    const short = { ...termsOf(bytes), stripBytes: 4999 }
    expect(await codeOf(store.finalize(keyOf(1), short))).to.equal('COMMIT_INVALID')
    await store.finalize(keyOf(1), termsOf(bytes))
    expect(await codeOf(store.finalize(keyOf(2), wrong))).to.equal('OBJECT_NOT_FOUND')
  })

  it('keeps an empty strip', async () => {
    const { store } = world()
    const terms = await put(store, keyOf(1), new Uint8Array(0))
    expect(terms).to.deep.equal(termsOf(new Uint8Array(0)))
    expect((await readAll(await store.openReader(keyOf(1), terms))).length).to.equal(0)
  })

  it('keeps strips of one object, and of two clients, apart', async () => {
    const { store } = world()
    const keys = [keyOf(1, 0), keyOf(1, 1), keyOf(1, 0, 8)]
    const terms = []
    for (const [seed, key] of keys.entries()) terms.push(await put(store, key, sample(100, seed)))
    for (const [seed, key] of keys.entries()) {
      const reader = await store.openReader(key, terms[seed] ?? termsOf(new Uint8Array(0)))
      expect(await readAll(reader)).to.deep.equal(Buffer.from(sample(100, seed)))
    }
  })

  it('deletes, and takes a final strip back to staging', async () => {
    const { store } = world()
    const bytes = sample(70 * KIB)
    const terms = await put(store, keyOf(1), bytes)
    expect(await store.restage(keyOf(1))).to.equal(true)
    expect(await store.stagedBytes(keyOf(1))).to.equal(bytes.length)
    expect(await codeOf(store.openReader(keyOf(1), terms))).to.equal('STRIP_DAMAGED')
    await store.finalize(keyOf(1), terms)
    expect(await store.delete(keyOf(1))).to.equal(true)
    expect(await store.delete(keyOf(1))).to.equal(false)
    expect(await store.restage(keyOf(1))).to.equal(false)
    await put(store, keyOf(2), bytes)
    expect(await store.setAside(keyOf(2))).to.equal(true)
    expect(await store.setAside(keyOf(2))).to.equal(false)
    expect(await listOf(store)).to.deep.equal([])
  })
}

function reading(world: () => BlobStoreSetup): void {
  it('reads any range', async () => {
    const { store } = world()
    const bytes = sample(600 * KIB + 123)
    const terms = await put(store, keyOf(1), bytes)
    const block = 64 * KIB
    const edges = [0, 1, 4095, 4096, block - 1, block, 4 * block, bytes.length - 1, bytes.length]
    for (const offset of edges) {
      for (const length of [0, 1, block, 4 * block + 1, bytes.length + 5]) {
        const reader = await store.openReader(keyOf(1), terms)
        const expected = Buffer.from(bytes.subarray(offset, offset + length))
        expect((await readAll(reader, offset, length)).equals(expected)).to.equal(true)
      }
    }
  })

  it('gives out pieces that fit a data frame', async () => {
    const { store } = world()
    const terms = await put(store, keyOf(1), sample(1000 * KIB))
    const reader = await store.openReader(keyOf(1), terms)
    const lengths = []
    for await (const piece of reader.read(1, 900 * KIB)) lengths.push(piece.length)
    await reader.close()
    expect(Math.max(...lengths)).to.be.at.most(256 * KIB)
  })

  it('refuses a strip of another root', async () => {
    const { store } = world()
    await put(store, keyOf(1), sample(300 * KIB))
    const other = termsOf(sample(300 * KIB, 9))
    const open = async () => readAll(await store.openReader(keyOf(1), other))
    expect(await codeOf(open())).to.equal('STRIP_DAMAGED')
  })

  it('never gives out a block with a flipped bit', async function () {
    const { store, damage } = world()
    // Nothing outside the process can reach this store's bytes.
    if (damage === null) return
    for (const lengthBytes of [500, 300 * KIB]) {
      const bytes = sample(lengthBytes)
      const terms = await put(store, keyOf(lengthBytes % 200), bytes)
      for (const offset of [0, Math.floor(lengthBytes / 2), lengthBytes - 1]) {
        await damage(keyOf(lengthBytes % 200), offset)
        const reader = await store.openReader(keyOf(lengthBytes % 200), terms)
        expect(await codeOf(readAll(reader))).to.equal('STRIP_DAMAGED')
        await damage(keyOf(lengthBytes % 200), offset)
      }
      const reader = await store.openReader(keyOf(lengthBytes % 200), terms)
      expect((await readAll(reader)).equals(Buffer.from(bytes))).to.equal(true)
    }
  })
}

function restarting(world: () => BlobStoreSetup): void {
  it('continues a strip after a restart at any offset and comes to the same root', async () => {
    const { store, reopen } = world()
    // Nothing of this store outlives its process.
    if (reopen === null) return
    const bytes = sample(300 * KIB + 17)
    let current = store
    let offset = 0
    for (const next of [1, 4096, 64 * KIB, 64 * KIB + 1, 200 * KIB, bytes.length]) {
      const handle = await current.stage(keyOf(1), bytes.length)
      expect(handle.durableBytes).to.equal(offset)
      await handle.append(bytes.subarray(offset, next))
      await handle.sync()
      await current.close()
      current = await reopen()
      offset = next
    }
    const terms = await (await current.stage(keyOf(1), bytes.length)).seal()
    expect(terms).to.deep.equal(termsOf(bytes))
    await current.finalize(keyOf(1), terms)
    await current.close()
    const again = await reopen()
    expect(await readAll(await again.openReader(keyOf(1), terms))).to.deep.equal(Buffer.from(bytes))
    await again.close()
  })
}
