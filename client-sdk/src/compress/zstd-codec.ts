import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib'

import type { Codec } from './codec.ts'
import { notReadable, tooLong, tooShort } from './zstd-errors.ts'

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
    throw tooShort(plain.length, plainBytes)
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
    throw notReadable(body.length, cause)
  }
}
