import { chacha20poly1305 } from '@noble/ciphers/chacha.js'

import { AuthenticationError } from '../errors.ts'

// Every wrapping key is derived for one wrapping and never used again, so the nonce may be fixed.
const NONCE = new Uint8Array(12)

/** Wraps a data key by ChaCha20-Poly1305 (RFC 8439) under a key used for nothing else. */
export function wrapKey(wrappingKey: Uint8Array, dataKey: Uint8Array): Uint8Array<ArrayBuffer> {
  return chacha20poly1305(wrappingKey, NONCE).encrypt(dataKey)
}

/** Unwraps what {@link wrapKey} wrapped. @throws AuthenticationError when it is not authentic */
export function unwrapKey(wrappingKey: Uint8Array, wrapped: Uint8Array): Uint8Array<ArrayBuffer> {
  try {
    return chacha20poly1305(wrappingKey, NONCE).decrypt(wrapped)
  } catch (cause) {
    throw new AuthenticationError(
      'wrapped data key is damaged; fetch the envelope again from another node',
      { cause },
    )
  }
}
