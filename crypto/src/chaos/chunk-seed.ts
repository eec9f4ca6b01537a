import { hkdf } from '@noble/hashes/hkdf.js'
import { sha256 } from '@noble/hashes/sha2.js'

/** Length of a chunk's seed: eight little-endian 64-bit words. */
export const chunkSeedBytes = 64

const chaosKeyBytes = 32
const infoLabel = new TextEncoder().encode('orlop/1/chaos/chunk')

/**
 * Derives the seed of one chunk's flows: HKDF-SHA-256 (RFC 5869) of the chaos key with an empty
 * salt and the info `orlop/1/chaos/chunk ‖ u32be(chunkNumber)`. Every chunk gets flows of its own,
 * so a state recovered in one chunk tells nothing about another. The caller wipes the result.
 *
 * @param chaosKey 32 bytes.
 * @param chunkNumber 0 … 2³²−1.
 * @returns 64 bytes.
 * @throws TypeError when `chaosKey` is not a Uint8Array.
 * @throws RangeError when `chaosKey` is not 32 bytes long or `chunkNumber` is out of range.
 */
export function deriveChunkSeed(chaosKey: Uint8Array, chunkNumber: number): Uint8Array {
  if (!(chaosKey instanceof Uint8Array)) throw new TypeError('chaosKey: expected a Uint8Array')
  if (chaosKey.length !== chaosKeyBytes) {
    throw new RangeError(`chaosKey: expected ${chaosKeyBytes} bytes, got ${chaosKey.length}`)
  }
  if (!Number.isInteger(chunkNumber) || chunkNumber < 0 || chunkNumber > 0xffffffff) {
    throw new RangeError(`chunkNumber: expected an integer from 0 to 2^32-1, got ${chunkNumber}`)
  }
  const info = new Uint8Array(infoLabel.length + 4)
  info.set(infoLabel)
  new DataView(info.buffer).setUint32(infoLabel.length, chunkNumber)
  return hkdf(sha256, chaosKey, undefined, info, chunkSeedBytes)
}
