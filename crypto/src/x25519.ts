import { x25519 } from '@noble/curves/ed25519.js'

import { assertBytes } from './bytes.ts'
import { MalformedError } from './errors.ts'

/** Length of X25519 secret keys, public keys and shared secrets. */
export const X25519_BYTES = 32

/** A fresh X25519 secret key of 32 bytes. */
export function generateX25519SecretKey(): Uint8Array<ArrayBuffer> {
  return x25519.utils.randomSecretKey()
}

/** The X25519 public key (32 bytes) of a secret key (32 bytes); RFC 7748 6.1. */
export function x25519PublicKey(secretKey: Uint8Array): Uint8Array<ArrayBuffer> {
  assertBytes('secret key', secretKey, X25519_BYTES)
  return x25519.getPublicKey(secretKey)
}

/**
 * The shared secret (32 bytes) of a secret key and another party's public key; RFC 7748 6.1.
 *
 * @throws MalformedError when the public key is of low order, so that the secret would be zero and
 *   known to everybody
 */
export function x25519SharedSecret(
  secretKey: Uint8Array,
  publicKey: Uint8Array,
): Uint8Array<ArrayBuffer> {
  assertBytes('secret key', secretKey, X25519_BYTES)
  assertBytes('public key', publicKey, X25519_BYTES)
  try {
    return x25519.getSharedSecret(secretKey, publicKey)
  } catch (cause) {
    throw new MalformedError('X25519 public key is of low order; ask its owner for another', {
      cause,
    })
  }
}
