import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib'

import { OrlopError } from '@orlop/protocol/errors'

import type { Codec } from './codec.ts'

/** 8 MiB: twice the longest chunk, so every frame of ours fits, and a frame that asks for more is refused (RFC 8878 3.1.1.1.2). */
const MAX_WINDOW_LOG = 23
/** node:zlib takes no smaller output buffer, nor a smaller limit. */
const MIN_OUTPUT_BYTES = 64

/** Zstandard (RFC 8878) by node:zlib. */
export const zstdCodec: Codec = {
  name: 'zstd',

  compress(plain, level) {
    // One output buffer as long as the input: what does not fit in it is not worth keeping, and is rare enough to be slower.
    return zstdCompressSync(plain, {
      chunkSize: Math.max(MIN_OUTPUT_BYTES, plain.length),
      params: { [constants.ZSTD_c_compressionLevel]: level },
    })
  },

  decompress(body, plainBytes) {
    const plain = inflate(body, plainBytes)
    if (plain.length === plainBytes) return plain
    if (plain.length > plainBytes) throw tooLong(plainBytes)
    throw new OrlopError(
      'OBJECT_DAMAGED',
      `A chunk decompresses to ${plain.length} bytes where the manifest declares ${plainBytes}. Its author wrote it wrongly; store the object again.`,
      { details: { plainBytes } },
    )
  },
}

function inflate(body: Uint8Array, plainBytes: number): Uint8Array {
  const limit = Math.max(MIN_OUTPUT_BYTES, plainBytes)
  try {
    return zstdDecompressSync(body, {
      chunkSize: limit,
      maxOutputLength: limit,
      params: { [constants.ZSTD_d_windowLogMax]: MAX_WINDOW_LOG },
    })
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : null
    const isTooLong = code === 'ERR_BUFFER_TOO_LARGE'
    if (isTooLong || code === 'ZSTD_error_frameParameter_windowTooLarge') {
      throw tooLong(plainBytes, cause)
    }
    throw new OrlopError(
      'OBJECT_DAMAGED',
      'A chunk cannot be decompressed. Its author wrote it wrongly; store the object again.',
      { cause, details: { bodyBytes: body.length } },
    )
  }
}

function tooLong(plainBytes: number, cause?: unknown): OrlopError {
  return new OrlopError(
    'DECOMPRESSION_LIMIT',
    `A chunk decompresses to more than the ${plainBytes} bytes that the manifest declares. It was made to exhaust memory; do not open this object.`,
    { cause, details: { plainBytes } },
  )
}
