import { deriveClientKeys } from '@orlop/crypto/keys/client-keys'
import { ethereumAddress, formatAddress, publicKey } from '@orlop/crypto/sign'
import { x25519PublicKey } from '@orlop/crypto/x25519'

/** The keys that one secret seed gives a client (formats.md 1). The secret ones belong to the keyring, which wipes them. */
export interface KeySet {
  /** EIP-55 address of the ledger key. */
  readonly address: string
  /** X25519 public key, 32 bytes: others wrap data keys to it. */
  readonly openingPublicKey: Uint8Array
  /** secp256k1, 32 bytes: signs offers, commits and ratings. */
  readonly ledgerSecretKey: Uint8Array
  /** X25519, 32 bytes: opens data keys. */
  readonly openingSecretKey: Uint8Array
}

/** @param seed - 32 random bytes; read, not kept. */
export function deriveKeySet(seed: Uint8Array): KeySet {
  const { ledgerSecretKey, openingSecretKey } = deriveClientKeys(seed)
  return {
    address: addressOfSecretKey(ledgerSecretKey),
    openingPublicKey: x25519PublicKey(openingSecretKey),
    ledgerSecretKey,
    openingSecretKey,
  }
}

/** The EIP-55 address of a secp256k1 secret key (32 bytes). */
export function addressOfSecretKey(secretKey: Uint8Array): string {
  return formatAddress(ethereumAddress(publicKey(secretKey)))
}
