import type { FileHandle } from 'node:fs/promises'
import { compareBytes } from '@orlop/crypto/bytes'
import { BLOCK_BYTES, MERKLE_HASH_BYTES, merkleRoot } from '@orlop/crypto/merkle'
import { OrlopError } from '@orlop/protocol/errors'
import { MAX_DATA_FRAME_BYTES } from '@orlop/protocol/limits'
import type { HashedStrip } from './block-hashes.ts'
import type { StripKey, StripReader } from './interfaces.ts'
import { describeStrip } from './strip-name.ts'

/** Reads `length` bytes at `offset` into a new array; fewer only where the bytes end. */
export type ReadAt = (offset: number, length: number) => Promise<Uint8Array>

/** Reads whole blocks, checks each against the tree, gives out the part that was asked for. */
export class VerifiedStripReader implements StripReader {
  readonly #key: StripKey
  readonly #strip: HashedStrip
  readonly #readAt: ReadAt
  readonly #release: () => Promise<void>

  constructor(
    strip: HashedStrip & { key: StripKey },
    readAt: ReadAt,
    release: () => Promise<void>,
  ) {
    this.#key = strip.key
    this.#strip = strip
    this.#readAt = readAt
    this.#release = release
  }

  get stripBytes(): number {
    return this.#strip.stripBytes
  }

  async *read(offsetBytes: number, lengthBytes: number): AsyncIterable<Uint8Array> {
    const end = Math.min(this.stripBytes, offsetBytes + lengthBytes)
    let at = offsetBytes - (offsetBytes % BLOCK_BYTES)
    if (offsetBytes >= end) return
    // The next piece is read from disk while this one is checked and sent.
    let coming = this.#piece(at, end)
    while (at < end) {
      const piece = await coming
      const next = at + piece.length
      coming = next < end ? this.#piece(next, end) : coming
      // A reader that stops early leaves this promise alone; its failure is then nobody's.
      coming.catch(() => undefined)
      this.#verify(piece, at)
      yield piece.subarray(Math.max(0, offsetBytes - at), Math.min(piece.length, end - at))
      at = next
    }
  }

  close(): Promise<void> {
    return this.#release()
  }

  /** Whole blocks from `at`, at most one data frame. */
  async #piece(at: number, end: number): Promise<Uint8Array> {
    const blocksEnd = Math.min(this.stripBytes, Math.ceil(end / BLOCK_BYTES) * BLOCK_BYTES)
    const length = Math.min(MAX_DATA_FRAME_BYTES, blocksEnd - at)
    const piece = await this.#readAt(at, length)
    if (piece.length !== length)
      throw damaged(this.#key, `it ends at ${String(at + piece.length)} bytes`)
    return piece
  }

  #verify(piece: Uint8Array, at: number): void {
    for (let offset = 0; offset < piece.length; offset += BLOCK_BYTES) {
      const block = (at + offset) / BLOCK_BYTES
      const from = block * MERKLE_HASH_BYTES
      const expected = this.#strip.blockHashes.subarray(from, from + MERKLE_HASH_BYTES)
      const actual = merkleRoot(piece.subarray(offset, offset + BLOCK_BYTES))
      if (compareBytes(actual, expected) === 0) continue
      throw damaged(this.#key, `its block ${String(block)} is not what was stored`)
    }
  }
}

/** {@link ReadAt} over an open file. */
export function readFileAt(file: FileHandle): ReadAt {
  return async (offset, length) => {
    const buffer = new Uint8Array(length)
    let filled = 0
    while (filled < length) {
      const { bytesRead } = await file.read(buffer, filled, length - filled, offset + filled)
      if (bytesRead === 0) break
      filled += bytesRead
    }
    return buffer.subarray(0, filled)
  }
}

/** The loud error of a strip that is not what it should be. */
export function damaged(key: StripKey, problem: string, cause?: unknown): OrlopError {
  return new OrlopError(
    'STRIP_DAMAGED',
    `This node's copy of ${describeStrip(key)} is damaged: ${problem}. Fetch another strip; the operator checks the disk.`,
    { details: { clientId: key.clientId, index: key.index }, cause },
  )
}
