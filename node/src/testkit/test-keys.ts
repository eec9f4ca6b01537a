import { encodeUtf8 } from '@orlop/crypto/bytes'
import { sha256 } from '@orlop/crypto/hash'
import { ethereumAddress, formatAddress, publicKey } from '@orlop/crypto/sign'

/** 32 bytes, the same in every run. */
export function keyOf(label: string): Uint8Array {
  return sha256(encodeUtf8(`fleet ${label}`))
}

export function accountOf(label: string): string {
  return formatAddress(ethereumAddress(publicKey(keyOf(`${label} ledger`))))
}
