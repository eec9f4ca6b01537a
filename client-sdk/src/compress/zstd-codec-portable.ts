import { Decompress } from 'fzstd'
import { OrlopError } from '@orlop/protocol/errors'
import type { Codec } from './codec.ts'
import { notReadable, tooLong, tooShort } from './zstd-errors.ts'
import { parseZstdFrame } from './zstd-frame.ts'

/** As the codec of Node has it: 8 MiB, twice the longest chunk. */
const MAX_WINDOW_BYTES = 8 * 1024 * 1024

/** Compresses; the part that is WebAssembly and loaded on its own. */
type Compressor = (plain: Uint8Array, level: number) => Uint8Array

let compressor: Compressor | null = null

/**
 * Loads what compressing needs: some 100 kB, once. Reading needs nothing of it.
 *
 * @returns false where WebAssembly may not be compiled; chunks are then stored as they are, which every reader reads.
 */
export async function loadZstdCompressor(): Promise<boolean> {
  if (compressor !== null) return true
  try {
    const { Zstd } = await import('@hpcc-js/wasm-zstd')
    const zstd = await Zstd.load()
    compressor = (plain, level) => zstd.compress(plain, level)
    return true
  } catch {
    return false
  }
}

/** Zstandard (RFC 8878) without Node: it reads at once, and compresses after {@link loadZstdCompressor}. */
export const zstdCodec: Codec = {
  name: 'zstd',

  compress(plain, level) {
    return compressor === null ? plain : compressor(plain, level)
  },

  decompress(body, plainBytes) {
    const frame = parseZstdFrame(body)
    if (frame?.frameBytes !== body.length) throw notReadable(body.length)
    const isLonger = (frame.contentBytes ?? 0) > plainBytes
    if (frame.windowBytes > MAX_WINDOW_BYTES || isLonger) {
      throw tooLong(plainBytes)
    }
    return inflate(body, plainBytes)
  },
}

function inflate(body: Uint8Array, plainBytes: number): Uint8Array {
  const plain = new Uint8Array(plainBytes)
  let filled = 0
  const decompress = new Decompress((piece) => {
    if (filled + piece.length > plainBytes) throw tooLong(plainBytes)
    plain.set(piece, filled)
    filled += piece.length
  })
  try {
    decompress.push(body, true)
  } catch (cause) {
    throw cause instanceof OrlopError ? cause : notReadable(body.length, cause)
  }
  if (filled < plainBytes) throw tooShort(filled, plainBytes)
  return plain
}
