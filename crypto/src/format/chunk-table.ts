import { assertInteger } from '../bytes.ts'
import { LimitError, MalformedError } from '../errors.ts'

/** Most chunks of one object: their numbers are u32, and the nonce has room for no more. */
export const MAX_CHUNKS = 2 ** 32 - 1

/** How many chunks a plaintext is cut into; an empty one still has its one, empty, last chunk. */
export function chunkCount(plainBytes: number, chunkBytes: number): number {
  assertInteger('plainBytes', plainBytes, { min: 0, max: Number.MAX_SAFE_INTEGER })
  assertInteger('chunkBytes', chunkBytes, { min: 1, max: Number.MAX_SAFE_INTEGER })
  const chunks = Math.max(1, Math.ceil(plainBytes / chunkBytes))
  if (chunks > MAX_CHUNKS) {
    throw new LimitError(
      `${String(plainBytes)} bytes make ${String(chunks)} chunks, more than 2³² − 1; ` +
        'store the data as several objects',
    )
  }
  return chunks
}

/** Which sealed bytes hold a range of the plaintext. Ends are exclusive. */
export interface SealedRange {
  readonly firstChunk: number
  readonly endChunk: number
  /** Where the first chunk begins in the sealed stream, in bytes. */
  readonly sealedStart: number
  /** Where the last chunk ends in the sealed stream, in bytes. */
  readonly sealedEnd: number
  /** Plaintext bytes of the first chunk that lie before the range. */
  readonly skipBytes: number
}

/** The facts a {@link ChunkTable} is made of. */
export interface ChunkTableFields {
  readonly plainBytes: number
  readonly chunkBytes: number
  /** Sealed length of every chunk, in order. */
  readonly sealedChunkBytes: readonly number[]
}

/** Where every chunk of an object lies in plaintext and in the sealed stream. */
export class ChunkTable {
  readonly plainBytes: number
  readonly chunkBytes: number
  readonly chunkCount: number
  /** Length of the sealed stream. */
  readonly sealedBytes: number
  readonly #starts: Float64Array

  /** @throws MalformedError when the number of lengths does not fit the plaintext's */
  constructor(fields: ChunkTableFields) {
    this.plainBytes = fields.plainBytes
    this.chunkBytes = fields.chunkBytes
    this.chunkCount = chunkCount(fields.plainBytes, fields.chunkBytes)
    if (fields.sealedChunkBytes.length !== this.chunkCount) {
      throw new MalformedError(
        `chunk table has ${String(fields.sealedChunkBytes.length)} lengths ` +
          `for ${String(this.chunkCount)} chunks; the manifest is damaged`,
      )
    }
    this.#starts = new Float64Array(this.chunkCount + 1)
    let start = 0
    for (const [chunk, sealedBytes] of fields.sealedChunkBytes.entries()) {
      assertInteger('sealed chunk length', sealedBytes, { min: 1, max: 0xffff_ffff })
      start += sealedBytes
      this.#starts[chunk + 1] = start
    }
    this.sealedBytes = start
  }

  /** Where a chunk begins in the sealed stream; the stream's length for `chunkCount`. */
  sealedStart(chunk: number): number {
    assertInteger('chunk', chunk, { min: 0, max: this.chunkCount })
    return this.#starts[chunk] ?? 0
  }

  /** Sealed length of a chunk. */
  sealedChunkBytes(chunk: number): number {
    assertInteger('chunk', chunk, { min: 0, max: this.chunkCount - 1 })
    return this.sealedStart(chunk + 1) - this.sealedStart(chunk)
  }

  /** Plaintext length of a chunk: `chunkBytes` for every one but the last. */
  plainChunkBytes(chunk: number): number {
    assertInteger('chunk', chunk, { min: 0, max: this.chunkCount - 1 })
    return Math.min(this.chunkBytes, this.plainBytes - chunk * this.chunkBytes)
  }

  /** Whether a chunk carries the last flag. */
  isLast(chunk: number): boolean {
    return chunk === this.chunkCount - 1
  }

  /**
   * Finds the sealed bytes for a range of the plaintext, end exclusive. An empty range at or
   * beyond no byte gives no chunks, except that an empty object gives its one chunk, so that
   * reading all of it still proves that it is whole.
   *
   * @throws RangeError unless 0 ≤ start ≤ end ≤ plainBytes
   */
  range(start: number, end: number): SealedRange {
    assertInteger('end', end, { min: 0, max: this.plainBytes })
    assertInteger('start', start, { min: 0, max: end })
    const empty = start === end && this.plainBytes > 0
    const firstChunk = Math.min(Math.floor(start / this.chunkBytes), this.chunkCount - 1)
    const endChunk = empty ? firstChunk : Math.max(1, Math.ceil(end / this.chunkBytes))
    return {
      firstChunk,
      endChunk,
      sealedStart: this.sealedStart(firstChunk),
      sealedEnd: this.sealedStart(endChunk),
      skipBytes: empty ? 0 : start - firstChunk * this.chunkBytes,
    }
  }
}
