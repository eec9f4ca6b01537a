import { expect } from 'chai'
import fc from 'fast-check'

import { concat } from '../bytes.ts'
import { AuthenticationError, LimitError, MalformedError, TruncatedError } from '../errors.ts'
import { ChunkTable } from '../format/chunk-table.ts'
import { expectRejection } from '../testing/expect-error.ts'
import { makeFixture } from '../testing/fixtures.ts'
import { patternBytes } from '../testing/pattern.ts'
import type { ChunkBody } from './chunk.ts'
import { openObject, sealObject } from './object.ts'
import type { OpenObjectRequest } from './object.ts'
import type { SealingContext } from './sealing-context.ts'

const CHUNK_BYTES = 1024

function bodiesOf(plaintext: Uint8Array): ChunkBody[] {
  const bodies: ChunkBody[] = []
  for (let start = 0; start < plaintext.length; start += CHUNK_BYTES) {
    bodies.push({ codec: 'stored', body: plaintext.subarray(start, start + CHUNK_BYTES) })
  }
  return bodies
}

interface SealedObject {
  readonly context: SealingContext
  readonly table: ChunkTable
  readonly chunks: readonly Uint8Array[]
}

async function sealAll(plaintext: Uint8Array): Promise<SealedObject> {
  const { context } = makeFixture({ suite: 'aes-256-gcm', chaosProfile: 'wide' })
  const chunks: Uint8Array[] = []
  for await (const { sealed } of sealObject(context, bodiesOf(plaintext))) chunks.push(sealed)
  const table = new ChunkTable({
    plainBytes: plaintext.length,
    chunkBytes: CHUNK_BYTES,
    sealedChunkBytes: chunks.map((chunk) => chunk.length),
  })
  return { context, table, chunks }
}

async function openAll(request: OpenObjectRequest): Promise<Uint8Array> {
  const bodies: Uint8Array[] = []
  for await (const { body } of openObject(request)) bodies.push(body)
  return concat(...bodies)
}

function* cut(stream: Uint8Array, pieceBytes: number): Generator<Uint8Array> {
  for (let start = 0; start < stream.length; start += pieceBytes) {
    yield stream.subarray(start, start + pieceBytes)
  }
}

describe('sealed object', () => {
  it('is opened to its plaintext from pieces of any size', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 5000 }),
        fc.integer({ min: 1, max: 3000 }),
        async (plainBytes, pieceBytes) => {
          const plaintext = patternBytes(plainBytes)
          const { context, table, chunks } = await sealAll(plaintext)
          expect(chunks.length).to.equal(table.chunkCount)
          const sealed = cut(concat(...chunks), pieceBytes)
          expect(await openAll({ context, table, sealed })).to.deep.equal(plaintext)
        },
      ),
      { numRuns: 40 },
    )
  })

  it('gives any range from the sealed bytes that the table names', async () => {
    const plaintext = patternBytes(4500)
    const { context, table, chunks } = await sealAll(plaintext)
    const stream = concat(...chunks)
    for (const [start, end] of [
      [0, 1],
      [1023, 1025],
      [1024, 2048],
      [4499, 4500],
      [700, 4000],
    ] as const) {
      const range = table.range(start, end)
      const sealed = [stream.subarray(range.sealedStart, range.sealedEnd)]
      const opened = await openAll({ context, table, sealed, ...range })
      const from = range.skipBytes
      expect(opened.subarray(from, from + end - start)).to.deep.equal(
        plaintext.subarray(start, end),
      )
    }
  })

  it('flags the last chunk, so that no shorter object can be made of it', async () => {
    const { context, chunks } = await sealAll(patternBytes(3 * CHUNK_BYTES))
    const shorter = new ChunkTable({
      plainBytes: 2 * CHUNK_BYTES,
      chunkBytes: CHUNK_BYTES,
      sealedChunkBytes: chunks.slice(0, 2).map((chunk) => chunk.length),
    })
    const request = { context, table: shorter, sealed: chunks.slice(0, 2) }
    await expectRejection(AuthenticationError, () => openAll(request))
  })

  it('cannot be reordered, nor a chunk repeated', async () => {
    const { context, table, chunks } = await sealAll(patternBytes(3 * CHUNK_BYTES))
    const [first, second, third] = chunks as [Uint8Array, Uint8Array, Uint8Array]
    for (const sealed of [
      [second, first, third],
      [first, first, third],
      [first, third, second],
    ]) {
      await expectRejection(AuthenticationError, () => openAll({ context, table, sealed }))
    }
  })

  it('is refused when the stream ends early, at every byte', async () => {
    const { context, table, chunks } = await sealAll(patternBytes(CHUNK_BYTES + 40))
    const stream = concat(...chunks)
    for (let length = 0; length < stream.length; length += 7) {
      const sealed = [stream.subarray(0, length)]
      const error = await expectRejection(TruncatedError, () => openAll({ context, table, sealed }))
      expect(error.code).to.equal('TRUNCATED')
    }
  })

  it('is refused when bytes follow its end', async () => {
    const { context, table, chunks } = await sealAll(patternBytes(100))
    const sealed = [...chunks, Uint8Array.of(0)]
    await expectRejection(MalformedError, () => openAll({ context, table, sealed }))
  })

  it('is refused when the table declares a chunk beyond the header, before memory is taken', async () => {
    const { context, chunks } = await sealAll(patternBytes(100))
    const sealedChunkBytes = [0xffff_ffff]
    const table = new ChunkTable({ plainBytes: 100, chunkBytes: CHUNK_BYTES, sealedChunkBytes })
    await expectRejection(LimitError, () => openAll({ context, table, sealed: chunks }))
  })

  it('stops when asked to, with the reason given', async () => {
    const { context, table, chunks } = await sealAll(patternBytes(3000))
    const stopped = new AbortController()
    const opening = openObject({ context, table, sealed: chunks, signal: stopped.signal })
    await opening.next()
    stopped.abort(new RangeError('enough'))
    await expectRejection(RangeError, () => opening.next())
    const bodies = bodiesOf(patternBytes(3000))
    const sealing = sealObject(context, bodies, { signal: stopped.signal })
    await expectRejection(RangeError, () => sealing.next())
  })
})
