/**
 * How much key material one iteration of the maps gives: 16 bytes (`wide`) or 4 (`paper`). Their
 * numbers in an object's header are `CHAOS_PROFILE_CODES` of `format/header.ts`.
 */
export type ChaosProfile = 'wide' | 'paper'

/**
 * Makes the keystream of the hybrid chaotic cipher, version 1, and XORs it into sealed chunks.
 *
 * The layer adds no provable security: it is the outer of two layers, always over an authenticated
 * cipher. The exact definition and its weaknesses stand in `docs/chaotic-cipher.md`.
 */
export interface ChaosEngine {
  readonly name: 'wasm' | 'javascript'

  /**
   * XORs the keystream of one chunk, from its start, into all of `data`, in place. Applying it
   * twice restores `data`. An empty `data` is left alone.
   *
   * @param chaosKey - 32 bytes, derived for this object and used for nothing else.
   * @param profile - how the key words become keystream.
   * @param chunkNumber - the chunk's number in its object, 0 … 2³²−1.
   * @param data - the whole sealed chunk, tag included; any length.
   * @throws TypeError when `chaosKey` or `data` is not a Uint8Array, `profile` is unknown or
   *   `chunkNumber` is not a whole number
   * @throws RangeError when `chaosKey` is not 32 bytes long or `chunkNumber` is out of range
   */
  xorKeystream(
    chaosKey: Uint8Array,
    profile: ChaosProfile,
    chunkNumber: number,
    data: Uint8Array,
  ): void
}
