import { encodeHex, encodeUtf8 } from '@orlop/crypto/bytes'
import { sha256 } from '@orlop/crypto/hash'

const NAME_BYTES = 8

/** Name of a client's place in this browser's storage: it says nothing of whose it is. @param recoveryAddress - EIP-55. */
export function homeName(recoveryAddress: string): string {
  const digest = sha256(encodeUtf8(recoveryAddress.toLowerCase()))
  return `vault-${encodeHex(digest.subarray(0, NAME_BYTES))}`
}
