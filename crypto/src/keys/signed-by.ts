import { equalConstantTime } from '../bytes.ts'
import { CryptoError } from '../errors.ts'
import { recoverAddress } from '../sign.ts'

/** Whether `signer` (an address of 20 bytes) signed the digest (32 bytes). */
export function isSignedBy(signer: Uint8Array, digest: Uint8Array, signature: Uint8Array): boolean {
  try {
    return equalConstantTime(recoverAddress(digest, signature), signer)
  } catch (error) {
    if (error instanceof CryptoError || error instanceof RangeError) return false
    throw error
  }
}
