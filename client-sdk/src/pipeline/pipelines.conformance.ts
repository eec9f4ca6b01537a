import { createHash } from 'node:crypto'
import { appendFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { expect, use } from 'chai'
import chaiAsPromised from 'chai-as-promised'
import fc from 'fast-check'
import type { SuiteName } from '@orlop/crypto/format/header'
import { merkleRoot } from '@orlop/crypto/merkle'

import {
  collect,
  memoryFetch,
  MemorySink,
  noise,
  tableOf,
  TEST_CHUNK_BYTES,
  testKeys,
} from '../testkit/sealed-object.ts'
import { TemporaryFolders } from '../testkit/temporary-folder.ts'
import type { Crew } from './crew.ts'
import { openFileSource } from './file-source.ts'
import { InlineCrew } from './inline-crew.ts'
import { openPipeline } from './open-pipeline.ts'
import type { OpenRequest } from './open-pipeline.ts'
import { sealPipeline } from './seal-pipeline.ts'
import type { SealRequest } from './seal-pipeline.ts'
import { sealedRoot } from './sealed-root.ts'
import { streamSource } from './stream-source.ts'

use(chaiAsPromised)

const STORED = { codec: 'stored', level: 1 } as const
const ZSTD = { codec: 'zstd', level: 1 } as const
const SUITES: readonly SuiteName[] = [
  'aes-256-gcm',
  'xchacha20-poly1305',
  'sm4-ctr-hmac-sm3',
  'sm4-gcm',
]
const EDGES = [
  0,
  1,
  TEST_CHUNK_BYTES - 1,
  TEST_CHUNK_BYTES,
  TEST_CHUNK_BYTES + 1,
  3 * TEST_CHUNK_BYTES,
]

/** A stream of `totalBytes` in small pieces that counts what was taken from it. */
class CountedStream {
  takenBytes = 0
  isClosed = false
  readonly #totalBytes: number
  readonly #pieceBytes: number

  constructor(totalBytes: number, pieceBytes = 1024) {
    this.#totalBytes = totalBytes
    this.#pieceBytes = pieceBytes
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void> {
    try {
      while (this.takenBytes < this.#totalBytes) {
        await Promise.resolve()
        const piece = new Uint8Array(Math.min(this.#pieceBytes, this.#totalBytes - this.takenBytes))
        this.takenBytes += piece.length
        yield piece
      }
    } finally {
      this.isClosed = true
    }
  }
}

export interface CrewUnderTest {
  readonly crew: Crew
  readonly stop: () => Promise<void>
}

/** What sealing and opening do, wherever the work is done. */
export function pipelineConformance(name: string, start: () => CrewUnderTest): void {
  describe(`pipelines, ${name}`, () => {
    const folders = new TemporaryFolders()
    let crew: Crew
    let stop: CrewUnderTest['stop']
    let crews: NonNullable<SealRequest['crews']>

    before(() => {
      ;({ crew, stop } = start())
      crews = { inline: crew, threads: crew }
    })
    after(async () => {
      await stop()
      await folders.removeAll()
    })

    async function seal(plain: Uint8Array, overrides: Partial<SealRequest> = {}) {
      const sink = new MemorySink()
      const keys = testKeys()
      const summary = await sealPipeline({
        source: streamSource([plain]),
        ...keys,
        compression: STORED,
        sink,
        crews,
        ...overrides,
      })
      return { summary, sealed: sink.bytes, keys }
    }

    async function sealToOpen(plain: Uint8Array, overrides: Partial<SealRequest> = {}) {
      const { summary, sealed, keys } = await seal(plain, overrides)
      const { headerBytes = keys.headerBytes, dataKey = keys.dataKey } = overrides
      const request: OpenRequest = {
        headerBytes,
        dataKey,
        table: tableOf(summary),
        plainSha256: summary.plainSha256,
        fetch: memoryFetch(sealed),
        crews,
      }
      return { summary, sealed, request }
    }

    for (const suite of SUITES) {
      for (const level of [1, 2] as const) {
        it(`gives back what was sealed by ${suite} at level ${level}, around chunk edges`, async () => {
          for (const lengthBytes of EDGES) {
            const plain = noise(lengthBytes)
            const { summary, sealed, request } = await sealToOpen(plain, testKeys({ suite, level }))
            expect(summary.plainBytes).to.equal(lengthBytes)
            expect(summary.sealedBytes).to.equal(sealed.length)
            expect(Buffer.compare(summary.root, merkleRoot(sealed))).to.equal(0)
            const hash = createHash('sha256').update(plain).digest()
            expect(Buffer.compare(summary.plainSha256, hash)).to.equal(0)
            expect(Buffer.compare(await collect(openPipeline(request)), plain)).to.equal(0)
          }
        })
      }
    }

    it('gives back any range of any content, compressed or not', async () => {
      const content = fc.array(
        fc
          .tuple(fc.boolean(), fc.nat(2 * TEST_CHUNK_BYTES))
          .map(([isText, lengthBytes]) =>
            isText ? Buffer.alloc(lengthBytes, 'engine 92 rpm\n') : noise(lengthBytes),
          ),
        { maxLength: 4 },
      )
      await fc.assert(
        fc.asyncProperty(content, fc.nat(1000), fc.nat(1000), async (pieces, a, b) => {
          const plain = Buffer.concat(pieces)
          const { request } = await sealToOpen(plain, {
            source: streamSource(pieces),
            compression: ZSTD,
          })
          const [start, end] = [a, b]
            .sort((left, right) => left - right)
            .map((permille) => Math.floor((permille * plain.length) / 1000)) as [number, number]
          const part = await collect(openPipeline({ ...request, range: { start, end } }))
          expect(Buffer.compare(part, plain.subarray(start, end))).to.equal(0)
          expect(Buffer.compare(await collect(openPipeline(request)), plain)).to.equal(0)
        }),
        { numRuns: 25 },
      )
    })

    it('gives the same sealed bytes whoever does the work', async () => {
      const plain = noise(5 * TEST_CHUNK_BYTES + 17)
      const inline = new InlineCrew()
      const here = await seal(plain)
      const there = await seal(plain, { crews: { inline, threads: inline } })
      expect(Buffer.compare(here.sealed, there.sealed)).to.equal(0)
    })

    it('compresses each chunk that gains, stores the others, and says so', async () => {
      const text = Buffer.alloc(TEST_CHUNK_BYTES, 'engine 92 rpm\n')
      const mixed = await seal(Buffer.concat([text, noise(TEST_CHUNK_BYTES)]), {
        compression: ZSTD,
      })
      const [first = 0, second = 0] = mixed.summary.sealedChunkBytes
      expect(first).to.be.below(1000)
      expect(second).to.equal(TEST_CHUNK_BYTES + 17)
      expect(mixed.summary.codec).to.equal('zstd-1')
      expect((await seal(noise(3000), { compression: ZSTD })).summary.codec).to.equal('stored')
    })

    it('reads no further ahead of a slow sink than its bounds, whatever the size', async () => {
      const totalBytes = 100 * TEST_CHUNK_BYTES
      const stream = new CountedStream(totalBytes)
      let writtenBytes = 0
      let mostAhead = 0
      const { summary } = await seal(new Uint8Array(0), {
        source: streamSource(stream),
        sink: {
          async write(sealed) {
            await new Promise(setImmediate)
            mostAhead = Math.max(mostAhead, stream.takenBytes - writtenBytes)
            writtenBytes += sealed.length
          },
        },
      })
      expect(summary.plainBytes).to.equal(totalBytes)
      expect(mostAhead).to.be.at.most((2 * crew.width + 2) * TEST_CHUNK_BYTES)
    })

    it('fetches no further ahead of a slow reader than its bounds', async () => {
      const { request, sealed } = await sealToOpen(noise(100 * TEST_CHUNK_BYTES))
      let fetchedBytes = 0
      let readBytes = 0
      let mostAhead = 0
      async function* fetch() {
        for await (const piece of memoryFetch(sealed, 1000)({ start: 0, end: sealed.length })) {
          fetchedBytes += piece.length
          yield piece
        }
      }
      for await (const piece of openPipeline({ ...request, fetch })) {
        await new Promise(setImmediate)
        mostAhead = Math.max(mostAhead, fetchedBytes - readBytes)
        readBytes += piece.length
      }
      expect(readBytes).to.equal(100 * TEST_CHUNK_BYTES)
      expect(mostAhead).to.be.at.most((2 * crew.width + 3) * (TEST_CHUNK_BYTES + 17))
    })

    it('reports progress that grows to the end', async () => {
      const seen: number[] = []
      const { request } = await sealToOpen(noise(3 * TEST_CHUNK_BYTES), {
        onProgress: ({ plainBytes }) => seen.push(plainBytes),
      })
      expect(seen).to.deep.equal([1, 2, 3].map((chunks) => chunks * TEST_CHUNK_BYTES))
      seen.length = 0
      const onProgress: OpenRequest['onProgress'] = ({ plainBytes }) => seen.push(plainBytes)
      await collect(openPipeline({ ...request, onProgress }))
      expect(seen).to.deep.equal([1, 2, 3].map((chunks) => chunks * TEST_CHUNK_BYTES))
    })

    it('stops sealing on request, writes no more and closes its source', async () => {
      const stream = new CountedStream(100 * TEST_CHUNK_BYTES)
      const controller = new AbortController()
      let writes = 0
      const sealing = seal(new Uint8Array(0), {
        source: streamSource(stream),
        signal: controller.signal,
        sink: {
          write() {
            writes += 1
            if (writes === 3) controller.abort()
            return Promise.resolve()
          },
        },
      })
      await expect(sealing).to.be.rejected.and.eventually.include({ code: 'ABORTED' })
      expect(writes).to.equal(3)
      expect(stream.isClosed).to.equal(true)
    })

    it('stops sealing a stream that hangs', async () => {
      const controller = new AbortController()
      const hanging = {
        [Symbol.asyncIterator]: () => ({
          next() {
            queueMicrotask(() => controller.abort())
            return new Promise<never>(() => undefined)
          },
          return: () => new Promise<never>(() => undefined),
        }),
      }
      const sealing = seal(new Uint8Array(0), {
        source: streamSource(hanging),
        signal: controller.signal,
      })
      await expect(sealing).to.be.rejected.and.eventually.include({ code: 'ABORTED' })
    })

    it('stops opening on request, also while the network hangs', async () => {
      const { request, sealed } = await sealToOpen(noise(10 * TEST_CHUNK_BYTES))
      const controller = new AbortController()
      let fetchSignal: AbortSignal | null = null
      async function* fetch(_: unknown, signal: AbortSignal): AsyncGenerator<Uint8Array> {
        fetchSignal = signal
        yield sealed.subarray(0, 4 * TEST_CHUNK_BYTES)
        queueMicrotask(() => controller.abort())
        await new Promise(() => undefined)
      }
      const opening = collect(openPipeline({ ...request, fetch, signal: controller.signal }))
      await expect(opening).to.be.rejected.and.eventually.include({ code: 'ABORTED' })
      expect(fetchSignal).to.have.property('aborted', true)
    })

    it('ends the fetch when the reader wants no more', async () => {
      const { request, sealed } = await sealToOpen(noise(100 * TEST_CHUNK_BYTES))
      const ended = Promise.withResolvers<boolean>()
      async function* fetch(_: unknown, signal: AbortSignal): AsyncGenerator<Uint8Array> {
        try {
          yield* memoryFetch(sealed)({ start: 0, end: sealed.length })
        } finally {
          ended.resolve(signal.aborted)
        }
      }
      for await (const piece of openPipeline({ ...request, fetch })) {
        expect(piece.length).to.be.above(0)
        break
      }
      expect(await ended.promise).to.equal(true)
    })

    it('passes on what source, sink and fetch throw', async () => {
      const failure = new Error('no disk')
      const sink = { write: () => Promise.reject(failure) }
      const many = noise(100 * TEST_CHUNK_BYTES)
      await expect(seal(many, { sink })).to.be.rejectedWith(failure)
      async function* broken(): AsyncGenerator<Uint8Array> {
        yield many.subarray(0, 3 * TEST_CHUNK_BYTES)
        await Promise.reject(failure)
      }
      await expect(seal(many, { source: streamSource(broken()) })).to.be.rejectedWith(failure)
      const { request } = await sealToOpen(many)
      await expect(collect(openPipeline({ ...request, fetch: broken }))).to.be.rejected
      const brokenAtOnce = () => streamError(failure)
      await expect(collect(openPipeline({ ...request, fetch: brokenAtOnce }))).to.be.rejectedWith(
        failure,
      )
    })

    it('refuses a file that grows while it is sealed', async () => {
      const path = join(await folders.make(), 'growing.log')
      await writeFile(path, noise(4 * TEST_CHUNK_BYTES))
      let isFirst = true
      const sealing = seal(new Uint8Array(0), {
        source: await openFileSource(path),
        sink: {
          async write() {
            if (isFirst) await appendFile(path, 'more')
            isFirst = false
          },
        },
      })
      await expect(sealing)
        .to.be.rejectedWith(path)
        .and.eventually.include({ code: 'FILE_CHANGED' })
    })

    it('refuses another object’s key, for sealing and for opening', async () => {
      const { request } = await sealToOpen(noise(3 * TEST_CHUNK_BYTES))
      const dataKey = noise(32, 'another key')
      await expect(seal(noise(10), { dataKey })).to.be.rejected.and.eventually.include({
        code: 'WRONG_KEY',
      })
      await expect(
        collect(openPipeline({ ...request, dataKey })),
      ).to.be.rejected.and.eventually.include({ code: 'WRONG_KEY' })
    })

    it('finds every flipped byte and names the chunk, and gives nothing of that chunk', async () => {
      const plain = noise(3 * TEST_CHUNK_BYTES)
      const { request, sealed } = await sealToOpen(plain)
      for (const at of [0, TEST_CHUNK_BYTES + 16, TEST_CHUNK_BYTES + 17, sealed.length - 1]) {
        const flipped = Uint8Array.from(sealed)
        flipped[at] = (flipped[at] ?? 0) ^ 1
        const pieces: Uint8Array[] = []
        const opening = (async () => {
          const fetch = memoryFetch(flipped)
          for await (const piece of openPipeline({ ...request, fetch })) pieces.push(piece)
        })()
        const chunk = Math.floor(at / (TEST_CHUNK_BYTES + 17))
        const error: unknown = await opening.catch((reason: unknown) => reason)
        expect(error).to.deep.include({ code: 'OBJECT_DAMAGED', details: { chunk } })
        expect(Buffer.concat(pieces).length).to.equal(chunk * TEST_CHUNK_BYTES)
      }
    })

    it('finds sealed bytes that end too early', async () => {
      const { request, sealed } = await sealToOpen(noise(3 * TEST_CHUNK_BYTES))
      for (const cut of [1, TEST_CHUNK_BYTES + 17]) {
        const fetch = () => memoryFetch(sealed)({ start: 0, end: sealed.length - cut })
        await expect(
          collect(openPipeline({ ...request, fetch })),
        ).to.be.rejected.and.eventually.include({ code: 'OBJECT_DAMAGED' })
      }
    })

    it('compares the hash of the whole plaintext, of one chunk and of several', async () => {
      for (const chunks of [1, 3]) {
        const { request } = await sealToOpen(noise(chunks * TEST_CHUNK_BYTES))
        const plainSha256 = noise(32, 'another hash')
        await expect(
          collect(openPipeline({ ...request, plainSha256 })),
        ).to.be.rejected.and.eventually.include({ code: 'OBJECT_DAMAGED' })
      }
    })

    it('compares the Merkle root of the sealed stream before it gives the last piece', async () => {
      for (const chunks of [1, 3]) {
        const { request, summary } = await sealToOpen(noise(chunks * TEST_CHUNK_BYTES))
        const { root } = summary
        await collect(openPipeline({ ...request, sealedRoot: root }))
        const sealedRoot = root.map((byte, at) => (at === 31 ? byte ^ 1 : byte))
        let givenBytes = 0
        const reading = (async () => {
          for await (const piece of openPipeline({ ...request, sealedRoot }))
            givenBytes += piece.length
        })()
        await expect(reading).to.be.rejected.and.eventually.have.property('code', 'STRIP_DAMAGED')
        expect(givenBytes).to.equal((chunks - 1) * TEST_CHUNK_BYTES)
      }
    })

    it('hashes a sealed stream that comes in pieces of any size', async () => {
      const sealed = noise(10 * TEST_CHUNK_BYTES + 17)
      for (const pieceBytes of [100_000, 4096, 4095]) {
        const pieces = memoryFetch(sealed, pieceBytes)({ start: 0, end: sealed.length })
        const root = await sealedRoot(pieces, crew)
        expect(Buffer.compare(root, merkleRoot(sealed))).to.equal(0)
      }
    })

    it('believes no chunk table that declares more than the header allows', async () => {
      const { request, summary } = await sealToOpen(noise(100))
      const table = tableOf({ ...summary, sealedChunkBytes: [4_000_000_000] })
      await expect(
        collect(openPipeline({ ...request, table })),
      ).to.be.rejected.and.eventually.include({ code: 'LIMIT_EXCEEDED' })
      const otherChunks = tableOf(summary, 2 * TEST_CHUNK_BYTES)
      await expect(
        collect(openPipeline({ ...request, table: otherChunks })),
      ).to.be.rejected.and.eventually.include({ code: 'OBJECT_DAMAGED' })
    })

    it('refuses a range beyond the plaintext', async () => {
      const { request } = await sealToOpen(noise(100))
      const range = { start: 0, end: 101 }
      await expect(collect(openPipeline({ ...request, range }))).to.be.rejectedWith(RangeError)
    })

    it('leaves the caller’s data key alone', async () => {
      const { keys } = await seal(noise(100))
      expect(Buffer.compare(keys.dataKey, noise(32, 'data key'))).to.equal(0)
    })
  })
}

async function* streamError(error: Error): AsyncGenerator<Uint8Array> {
  await Promise.reject(error)
  yield new Uint8Array(0)
}
