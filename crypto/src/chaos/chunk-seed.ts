import { assertBytes, concat, encodeUtf8, u32be } from '../bytes.ts'
import { hkdfSha256 } from '../kdf.ts'

const CHAOS_KEY_BYTES = 32
const INFO_LABEL = encodeUtf8('orlop/1/chaos/chunk')

/** Length of a chunk's seed: eight little-endian 64-bit words. */
export const CHUNK_SEED_BYTES = 64

/**
 * Derives the seed of one chunk's flows: HKDF-SHA-256 (RFC 5869) of the chaos key with an empty
 * salt and the info `orlop/1/chaos/chunk ‖ u32be(chunkNumber)`. Every chunk gets flows of its own,
 * so that a state recovered in one chunk tells nothing about another. The caller wipes the result.
 *
 * @param chaosKey - 32 bytes
 * @param chunkNumber - 0 … 2³²−1
 * @returns 64 bytes
 * @throws TypeError when `chaosKey` is not a Uint8Array or `chunkNumber` is not a whole number
 * @throws RangeError when `chaosKey` is not 32 bytes long or `chunkNumber` is out of range
 */
export function deriveChunkSeed(chaosKey: Uint8Array, chunkNumber: number): Uint8Array {
  assertBytes('chaosKey', chaosKey, CHAOS_KEY_BYTES)
  return hkdfSha256({
    key: chaosKey,
    salt: new Uint8Array(0),
    info: concat(INFO_LABEL, u32be(chunkNumber)),
    lengthBytes: CHUNK_SEED_BYTES,
  })
}
