import { createRequire } from 'node:module'
import type * as Secp256k1 from 'tiny-secp256k1'

/** libsecp256k1 as WebAssembly: loaded with the first signature, since a process that checks none need not compile it. */
let library: typeof Secp256k1 | null = null

/**
 * The public key that made a signature over secp256k1 (SEC 1, 4.1.6), by libsecp256k1, some four times faster than in JavaScript.
 *
 * @param signature - r ‖ s, 64 bytes, both in [1, n−1].
 * @param yParity - of the point R: 0 even, 1 odd.
 * @returns 65 bytes, uncompressed; null when no key can have made it.
 */
export function recoverKey(
  digest: Uint8Array,
  signature: Uint8Array,
  yParity: 0 | 1,
): Uint8Array | null {
  library ??= createRequire(import.meta.url)('tiny-secp256k1') as typeof Secp256k1
  try {
    return library.recover(digest, signature, yParity, false)
  } catch {
    // It throws, or gives null, for an r that is the x of no point.
    return null
  }
}
