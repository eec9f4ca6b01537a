import type { Codecs } from './codec.ts'
import { storedCodec } from './stored-codec.ts'
import { zstdCodec } from '#zstd-codec'

/** The codecs of this platform. */
export const codecs: Codecs = { stored: storedCodec, zstd: zstdCodec }
