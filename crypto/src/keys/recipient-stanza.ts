import { assertBytes, concat, encodeUtf8, equalConstantTime, randomBytes, wipe } from '../bytes.ts'
import { AuthenticationError, CryptoError } from '../errors.ts'
import { HINT_BYTES } from '../format/stanza.ts'
import type { Stanza } from '../format/stanza.ts'
import { hkdfSha256 } from '../kdf.ts'
import { X25519_BYTES, x25519PublicKey, x25519SharedSecret } from '../x25519.ts'
import { unwrapKey, wrapKey } from './key-wrap.ts'
import { DATA_KEY_BYTES } from './object-keys.ts'
import { RECIPIENT_STANZA_TYPE } from './stanza-types.ts'

/** What {@link wrapForRecipient} needs. */
export interface WrapForRecipientRequest {
  /** 32 bytes. */
  readonly dataKey: Uint8Array
  /** The recipient's X25519 opening key, 32 bytes, from the ledger. */
  readonly recipientPublicKey: Uint8Array
  readonly objectId: Uint8Array
  readonly headerHash: Uint8Array
  /** Source of the ephemeral secret; the platform's by default. */
  readonly randomBytes?: (lengthBytes: number) => Uint8Array
}

/**
 * Wraps a data key so that only the owner of an X25519 key can unwrap it, and only for this object.
 *
 * @throws MalformedError when the recipient's public key is of low order
 * @throws TypeError or RangeError when a length is not as documented
 */
export function wrapForRecipient(request: WrapForRecipientRequest): Stanza {
  assertBytes('data key', request.dataKey, DATA_KEY_BYTES)
  assertBytes('headerHash', request.headerHash, 32)
  const hint = recipientHint(request.recipientPublicKey, request.objectId)
  const ephemeralSecret = (request.randomBytes ?? randomBytes)(X25519_BYTES)
  const ephemeralPublicKey = x25519PublicKey(ephemeralSecret)
  const sharedSecret = x25519SharedSecret(ephemeralSecret, request.recipientPublicKey)
  const wrappingKey = deriveWrappingKey({ ...request, sharedSecret, ephemeralPublicKey })
  const wrapped = wrapKey(wrappingKey, request.dataKey)
  wipe(ephemeralSecret, sharedSecret, wrappingKey)
  return { type: RECIPIENT_STANZA_TYPE, hint, args: [ephemeralPublicKey], wrapped }
}

/** What {@link unwrapAsRecipient} needs. */
export interface UnwrapAsRecipientRequest {
  /** All stanzas of the envelope. */
  readonly stanzas: readonly Stanza[]
  /** The reader's X25519 secret key, 32 bytes. */
  readonly secretKey: Uint8Array
  readonly objectId: Uint8Array
  readonly headerHash: Uint8Array
}

/**
 * Unwraps the data key from the stanza meant for the reader. The caller checks the key against the
 * header's commitment (`checkCommitment`), or lets `createSealingContext` do it.
 *
 * @returns the data key (32 bytes), or `null` when no stanza is hinted for this reader
 * @throws AuthenticationError when a stanza is hinted for this reader, and none of those opens
 */
export function unwrapAsRecipient(request: UnwrapAsRecipientRequest): Uint8Array | null {
  const publicKey = x25519PublicKey(request.secretKey)
  const hint = recipientHint(publicKey, request.objectId)
  let failure: CryptoError | null = null
  for (const stanza of request.stanzas) {
    if (stanza.type !== RECIPIENT_STANZA_TYPE || !equalConstantTime(stanza.hint, hint)) continue
    try {
      return unwrapStanza(stanza, publicKey, request)
    } catch (error) {
      if (!(error instanceof CryptoError)) throw error
      failure = error
    }
  }
  if (failure === null) return null
  throw new AuthenticationError(
    'the stanza for this key is damaged; fetch the envelope again from another node',
    { cause: failure },
  )
}

/** `HKDF(recipient public key, objectId)`: the salt is the object, so hints link no two objects. */
export function recipientHint(
  recipientPublicKey: Uint8Array,
  objectId: Uint8Array,
): Uint8Array<ArrayBuffer> {
  assertBytes('recipient public key', recipientPublicKey, X25519_BYTES)
  assertBytes('objectId', objectId, 32)
  return hkdfSha256({
    key: recipientPublicKey,
    salt: objectId,
    info: 'orlop/1/hint',
    lengthBytes: HINT_BYTES,
  })
}

function unwrapStanza(
  stanza: Stanza,
  recipientPublicKey: Uint8Array,
  request: UnwrapAsRecipientRequest,
): Uint8Array {
  const [ephemeralPublicKey] = stanza.args
  if (!(ephemeralPublicKey instanceof Uint8Array) || ephemeralPublicKey.length !== X25519_BYTES) {
    throw new AuthenticationError('the stanza for this key has no ephemeral key')
  }
  const sharedSecret = x25519SharedSecret(request.secretKey, ephemeralPublicKey)
  const wrappingKey = deriveWrappingKey({
    sharedSecret,
    ephemeralPublicKey,
    recipientPublicKey,
    headerHash: request.headerHash,
  })
  try {
    return unwrapKey(wrappingKey, stanza.wrapped)
  } finally {
    wipe(sharedSecret, wrappingKey)
  }
}

function deriveWrappingKey(inputs: {
  readonly sharedSecret: Uint8Array
  readonly ephemeralPublicKey: Uint8Array
  readonly recipientPublicKey: Uint8Array
  readonly headerHash: Uint8Array
}): Uint8Array<ArrayBuffer> {
  return hkdfSha256({
    key: inputs.sharedSecret,
    salt: concat(inputs.ephemeralPublicKey, inputs.recipientPublicKey),
    info: concat(encodeUtf8('orlop/1/stanza/x25519'), inputs.headerHash),
    lengthBytes: 32,
  })
}
