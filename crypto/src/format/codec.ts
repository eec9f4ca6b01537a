import { UnsupportedVersionError } from '../errors.ts'

/** First plaintext byte of every chunk: how its body was compressed before sealing. */
export const CODEC_CODES = { stored: 0, zstd: 1 } as const

/** Name of a chunk's codec. */
export type CodecName = keyof typeof CODEC_CODES

/** The codec of a code byte. @throws UnsupportedVersionError when this release does not know it */
export function codecOf(code: number | undefined): CodecName {
  if (code === CODEC_CODES.stored) return 'stored'
  if (code === CODEC_CODES.zstd) return 'zstd'
  throw new UnsupportedVersionError(
    `chunk has unknown codec ${String(code)}; use a newer release to read it`,
  )
}
