import { assertBytes, wipe } from '@orlop/crypto/bytes'
import { hkdfSha256 } from '@orlop/crypto/kdf'
import { ethereumAddress, publicKey } from '@orlop/crypto/sign'

/** Bytes of the root key, and of each key derived from it. */
export const ROOT_KEY_BYTES = 32

/** What the root key is used for: nothing is sealed or signed with the root key itself. */
export interface RootKeys {
  /** Seals the rows of the store. */
  readonly rowKey: Uint8Array
  /** Seals the keys of backups. */
  readonly backupKey: Uint8Array
  /** Signs statements of destruction, secp256k1. */
  readonly signingKey: Uint8Array
}

/** Derives the centre's keys from its root key by HKDF-SHA-256 (RFC 5869). The caller wipes them. */
export function deriveRootKeys(root: Uint8Array, centreId: Uint8Array): RootKeys {
  return {
    rowKey: derive(root, centreId, 'rows'),
    backupKey: derive(root, centreId, 'backups'),
    // Not below the curve's order with a chance of 2⁻¹²⁸: `publicKey` would refuse it when the root is made.
    signingKey: derive(root, centreId, 'signatures'),
  }
}

/** 32 bytes that show whether a root key is the right one, and nothing else of it. */
export function rootVerifier(root: Uint8Array, centreId: Uint8Array): Uint8Array {
  return derive(root, centreId, 'verifier')
}

/** The address (20 bytes) that the centre signs as. */
export function signerOf({ signingKey }: RootKeys): Uint8Array {
  return ethereumAddress(publicKey(signingKey))
}

export function wipeRootKeys({ rowKey, backupKey, signingKey }: RootKeys): void {
  wipe(rowKey, backupKey, signingKey)
}

function derive(root: Uint8Array, centreId: Uint8Array, purpose: string): Uint8Array {
  assertBytes('root key', root, ROOT_KEY_BYTES)
  const info = `orlop/kmc/1/${purpose}`
  return hkdfSha256({ key: root, salt: centreId, info, lengthBytes: ROOT_KEY_BYTES })
}
