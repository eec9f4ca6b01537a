import { concat, randomBytes, wipe } from '../bytes.ts'
import { hkdfSha256 } from '../kdf.ts'
import { X25519_BYTES, x25519PublicKey, x25519SharedSecret } from '../x25519.ts'
import { unwrapKey, wrapKey } from './key-wrap.ts'

/** A small secret wrapped for one holder of an X25519 key. */
export interface Gift {
  /** 32 bytes. */
  readonly ephemeralKey: Uint8Array
  /** As long as the secret and 16 bytes. */
  readonly wrapped: Uint8Array
}

/** What {@link wrapGift} needs. */
export interface WrapGiftRequest {
  readonly secret: Uint8Array
  /** X25519 public key, 32 bytes. */
  readonly recipientKey: Uint8Array
  /** What the secret is for: without the same bytes nobody unwraps it. Begins with a name that nothing else begins with. */
  readonly binding: Uint8Array
  /** Source of the ephemeral secret; the platform's by default. */
  readonly randomBytes?: ((lengthBytes: number) => Uint8Array) | undefined
}

/** Wraps a secret for one recipient and one purpose. @throws MalformedError for a public key of low order */
export function wrapGift(request: WrapGiftRequest): Gift {
  const { secret, recipientKey, binding } = request
  const ephemeralSecret = (request.randomBytes ?? randomBytes)(X25519_BYTES)
  const ephemeralKey = x25519PublicKey(ephemeralSecret)
  const sharedSecret = x25519SharedSecret(ephemeralSecret, recipientKey)
  const wrappingKey = deriveWrappingKey({ sharedSecret, ephemeralKey, recipientKey, binding })
  const wrapped = wrapKey(wrappingKey, secret)
  wipe(ephemeralSecret, sharedSecret, wrappingKey)
  return { ephemeralKey, wrapped }
}

/**
 * Unwraps it.
 *
 * @param request.secretKey - X25519, 32 bytes
 * @throws AuthenticationError when it is damaged, for another recipient or another purpose
 */
export function unwrapGift(
  { ephemeralKey, wrapped }: Gift,
  request: { readonly secretKey: Uint8Array; readonly binding: Uint8Array },
): Uint8Array {
  const { secretKey, binding } = request
  const sharedSecret = x25519SharedSecret(secretKey, ephemeralKey)
  const recipientKey = x25519PublicKey(secretKey)
  const wrappingKey = deriveWrappingKey({ sharedSecret, ephemeralKey, recipientKey, binding })
  try {
    return unwrapKey(wrappingKey, wrapped)
  } finally {
    wipe(sharedSecret, wrappingKey)
  }
}

function deriveWrappingKey(inputs: {
  readonly sharedSecret: Uint8Array
  readonly ephemeralKey: Uint8Array
  readonly recipientKey: Uint8Array
  readonly binding: Uint8Array
}): Uint8Array {
  const { sharedSecret, ephemeralKey, recipientKey, binding } = inputs
  const salt = concat(ephemeralKey, recipientKey)
  return hkdfSha256({ key: sharedSecret, salt, info: binding, lengthBytes: 32 })
}
