import { secp256k1 } from '@noble/curves/secp256k1.js'

/** As `recover-key-node`, in JavaScript. */
export function recoverKey(
  digest: Uint8Array,
  signature: Uint8Array,
  yParity: 0 | 1,
): Uint8Array | null {
  try {
    const parsed = secp256k1.Signature.fromBytes(signature, 'compact').addRecoveryBit(yParity)
    return parsed.recoverPublicKey(digest).toBytes(false)
  } catch {
    return null
  }
}
