import { createHash } from 'node:crypto'

import { ChunkTable } from '@orlop/crypto/format/chunk-table'
import { encodeHeader } from '@orlop/crypto/format/header'
import type { SuiteName } from '@orlop/crypto/format/header'
import { commitHeader } from '@orlop/crypto/keys/commitment'

import type { PlainRange } from '../pipeline/open-pipeline.ts'
import type { SealSummary } from '../pipeline/seal-pipeline.ts'

/** Chunks this short make objects of many chunks cheap to test. */
export const TEST_CHUNK_BYTES = 8 * 1024

/** Bytes without any pattern, the same for the same name. */
export function noise(lengthBytes: number, name = 'noise'): Uint8Array {
  return createHash('shake256', { outputLength: Math.max(1, lengthBytes) })
    .update(name)
    .digest()
    .subarray(0, lengthBytes)
}

export interface TestKeysOptions {
  readonly suite?: SuiteName
  readonly level?: 1 | 2
  readonly chunkBytes?: number
}

/** A data key and the header that commits to it, both always the same. */
export function testKeys(options: TestKeysOptions = {}): {
  dataKey: Uint8Array
  headerBytes: Uint8Array
} {
  const { suite = 'aes-256-gcm', level = 2, chunkBytes = TEST_CHUNK_BYTES } = options
  const dataKey = Uint8Array.from(noise(32, 'data key'))
  const header = commitHeader(dataKey, {
    objectId: noise(32, 'object id'),
    suite,
    level,
    chaosProfile: level === 1 ? 'none' : 'wide',
    chunkBytes,
    k: 1,
    m: 1,
    stripeShareBytes: 64 * 1024,
    salt: noise(32, 'salt'),
  })
  return { dataKey, headerBytes: encodeHeader(header) }
}

/** A sink that keeps everything. */
export class MemorySink {
  readonly #pieces: Uint8Array[] = []

  write(sealed: Uint8Array): Promise<void> {
    this.#pieces.push(Uint8Array.from(sealed))
    return Promise.resolve()
  }

  get bytes(): Uint8Array {
    return Buffer.concat(this.#pieces)
  }
}

/** The chunk table that an object's manifest would hold. */
export function tableOf(summary: SealSummary, chunkBytes = TEST_CHUNK_BYTES): ChunkTable {
  const { plainBytes, sealedChunkBytes } = summary
  return new ChunkTable({ plainBytes, chunkBytes, sealedChunkBytes })
}

/** Fetches from memory, in pieces that respect no boundary. */
export function memoryFetch(sealed: Uint8Array, pieceBytes = 3_001) {
  return async function* fetch({ start, end }: PlainRange): AsyncGenerator<Uint8Array, void> {
    for (let at = start; at < end; at += pieceBytes) {
      await Promise.resolve()
      yield sealed.subarray(at, Math.min(end, at + pieceBytes))
    }
  }
}

/** Everything that an iterable gives, as one piece. */
export async function collect(pieces: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const all: Uint8Array[] = []
  for await (const piece of pieces) all.push(piece)
  return Buffer.concat(all)
}
