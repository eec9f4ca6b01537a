import type { CodecName } from '@orlop/crypto/format/codec'
import type { ChunkBody } from '@orlop/crypto/sealing/chunk'

import type { Codecs } from './codec.ts'
import { PROBED_BYTES, probeGain } from './probe-gain.ts'

/** Below this share, decompressing later costs more than the bytes saved are worth. */
const MIN_GAIN = 0.05

/** What the policy asks for; the content may still be stored where compressing it gains nothing. */
export interface CompressionChoice {
  readonly codec: CodecName
  /** 1–19. */
  readonly level: number
}

/**
 * Decides for one chunk, by sampling its content, whether to compress it, and does.
 *
 * @returns the shorter of both: a chunk that gains less than 5 % is stored.
 */
export function compressChunk(
  plain: Uint8Array,
  choice: CompressionChoice,
  codecs: Codecs,
): ChunkBody {
  const stored: ChunkBody = { codec: 'stored', body: plain }
  if (choice.codec === 'stored') return stored
  const codec = codecs[choice.codec]
  // A chunk no longer than its samples is its own trial.
  if (plain.length > PROBED_BYTES && probeGain(plain, codec) < MIN_GAIN) return stored
  const body = codec.compress(plain, choice.level)
  return body.length <= plain.length * (1 - MIN_GAIN) ? { codec: codec.name, body } : stored
}

/**
 * Restores a chunk's plaintext.
 *
 * @param plainBytes its length, as the chunk table says.
 * @throws OrlopError `DECOMPRESSION_LIMIT` or `OBJECT_DAMAGED`, as {@link Codec.decompress}.
 */
export function decompressChunk(chunk: ChunkBody, plainBytes: number, codecs: Codecs): Uint8Array {
  return codecs[chunk.codec].decompress(chunk.body, plainBytes)
}
