import { LimitError, MalformedError, TruncatedError } from '../errors.ts'
import type { ChunkTable } from '../format/chunk-table.ts'
import { openChunk, sealChunk, sealedLength } from './chunk.ts'
import type { ChunkBody, ChunkPosition } from './chunk.ts'
import type { SealingContext } from './sealing-context.ts'

/** A sealed chunk with its place in the object. */
export interface SealedChunk extends ChunkPosition {
  readonly sealed: Uint8Array<ArrayBuffer>
}

/** An opened chunk with its place in the object; its body is still compressed as `codec` says. */
export interface OpenedChunk extends ChunkPosition, ChunkBody {}

/**
 * Seals a stream of chunk bodies, in order, from chunk 0. A body is held back until the next one
 * comes, so that the last can be flagged. No bodies at all give one empty chunk.
 *
 * @param options.signal - ends the work with its reason before the next chunk
 * @throws as `sealChunk`, and what `bodies` throws
 */
export async function* sealObject(
  context: SealingContext,
  bodies: AsyncIterable<ChunkBody> | Iterable<ChunkBody>,
  options: { readonly signal?: AbortSignal } = {},
): AsyncGenerator<SealedChunk, void, undefined> {
  let held: ChunkBody | null = null
  let chunkNumber = 0
  for await (const body of bodies) {
    options.signal?.throwIfAborted()
    if (held !== null) {
      yield sealAt(context, { chunkNumber, isLast: false }, held)
      chunkNumber += 1
    }
    held = body
  }
  options.signal?.throwIfAborted()
  const last: ChunkBody = held ?? { codec: 'stored', body: new Uint8Array(0) }
  yield sealAt(context, { chunkNumber, isLast: true }, last)
}

/** What {@link openObject} needs. */
export interface OpenObjectRequest {
  readonly context: SealingContext
  /** From the object's manifest. */
  readonly table: ChunkTable
  /** Sealed bytes from the start of `firstChunk` on, in pieces of any size. */
  readonly sealed: AsyncIterable<Uint8Array> | Iterable<Uint8Array>
  /** 0 when left out. */
  readonly firstChunk?: number
  /** Exclusive; all chunks when left out. */
  readonly endChunk?: number
  /** Ends the work with its reason before the next chunk. */
  readonly signal?: AbortSignal
}

/**
 * Opens chunks from a stream of sealed bytes: the whole object, or the chunks of a range as
 * `ChunkTable.range` gives it.
 *
 * @throws AuthenticationError when a chunk was changed, moved, or repeated
 * @throws TruncatedError when the bytes end before the last chunk asked for
 * @throws MalformedError when bytes follow it
 * @throws LimitError when the table declares a chunk longer than the header allows
 */
export async function* openObject(
  request: OpenObjectRequest,
): AsyncGenerator<OpenedChunk, void, undefined> {
  const { context, table } = request
  const endChunk = request.endChunk ?? table.chunkCount
  let chunkNumber = request.firstChunk ?? 0
  let pending: PendingChunk | null = null
  for await (const piece of request.sealed) {
    let offset = 0
    while (offset < piece.length) {
      request.signal?.throwIfAborted()
      if (chunkNumber >= endChunk) throw trailingBytes()
      pending ??= new PendingChunk(boundedLength(context, table.sealedChunkBytes(chunkNumber)))
      offset += pending.take(piece.subarray(offset))
      if (!pending.isFull) continue
      const position = { chunkNumber, isLast: table.isLast(chunkNumber) }
      yield { ...position, ...openChunk(context, position, pending.bytes) }
      pending = null
      chunkNumber += 1
    }
  }
  if (chunkNumber < endChunk) {
    throw new TruncatedError(
      `sealed stream ends in chunk ${String(chunkNumber)} of ${String(endChunk)}; ` +
        'fetch the rest again, from another node if need be',
    )
  }
}

/** Collects the bytes of one chunk; what arrives whole is not copied. */
class PendingChunk {
  readonly #sealedBytes: number
  #buffer: Uint8Array | null = null
  #filled = 0

  constructor(sealedBytes: number) {
    this.#sealedBytes = sealedBytes
  }

  get isFull(): boolean {
    return this.#filled === this.#sealedBytes
  }

  get bytes(): Uint8Array {
    return this.#buffer ?? new Uint8Array(0)
  }

  /** Takes from the beginning of `piece` and says how many bytes it took. */
  take(piece: Uint8Array): number {
    const taken = Math.min(piece.length, this.#sealedBytes - this.#filled)
    if (this.#buffer === null && taken === this.#sealedBytes) {
      this.#buffer = piece.subarray(0, taken)
    } else {
      this.#buffer ??= new Uint8Array(this.#sealedBytes)
      this.#buffer.set(piece.subarray(0, taken), this.#filled)
    }
    this.#filled += taken
    return taken
  }
}

function sealAt(context: SealingContext, position: ChunkPosition, body: ChunkBody): SealedChunk {
  return { ...position, sealed: sealChunk(context, position, body) }
}

/** Checks a declared length before memory is taken for it. */
function boundedLength(context: SealingContext, sealedBytes: number): number {
  const limit = sealedLength(context, context.header.chunkBytes)
  if (sealedBytes <= limit) return sealedBytes
  throw new LimitError(
    `manifest declares a sealed chunk of ${String(sealedBytes)} bytes, the header allows ` +
      `${String(limit)}; fetch the envelope again from another node`,
  )
}

function trailingBytes(): MalformedError {
  return new MalformedError(
    'sealed stream goes on after its last chunk; fetch it again from another node',
  )
}
