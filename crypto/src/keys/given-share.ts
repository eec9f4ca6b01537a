import {
  assertBytes,
  assertInteger,
  concat,
  encodeUtf8,
  equalConstantTime,
  randomBytes,
  u64be,
  wipe,
} from '../bytes.ts'
import { AuthenticationError, UnsupportedVersionError } from '../errors.ts'
import { decodeCbor, encodeCbor } from '../format/cbor.ts'
import { FieldReader } from '../format/fields.ts'
import { HINT_BYTES } from '../format/stanza.ts'
import { hkdfSha256 } from '../kdf.ts'
import type { SecretShare } from '../thresholds/secret-shares.ts'
import { X25519_BYTES, x25519PublicKey, x25519SharedSecret } from '../x25519.ts'
import { type CustodyObject, MAX_CUSTODIANS } from './custody-stanzas.ts'
import { unwrapKey, wrapKey } from './key-wrap.ts'
import { recipientHint } from './recipient-stanza.ts'

const VERSION = 1
const MAX_BYTES = 512
const exactly = (length: number) => ({ min: length, max: length })

/** A custodian's share on its way to one requester, who alone can open it, until it expires. */
export interface GivenShare {
  readonly objectId: Uint8Array
  readonly setId: Uint8Array
  /** From 1. */
  readonly index: number
  /** Unix seconds. It cannot be changed, and an honest requester keeps to it; who has opened the share before may have kept it. */
  readonly expiry: number
  /** By which the requester knows that it is meant: 4 bytes. */
  readonly hint: Uint8Array
  readonly ephemeralKey: Uint8Array
  readonly wrapped: Uint8Array
}

/** What {@link giveShare} needs. */
export interface GiveShareRequest extends CustodyObject {
  readonly share: SecretShare
  /** The requester's X25519 opening key, 32 bytes. */
  readonly requesterKey: Uint8Array
  /** Unix seconds. */
  readonly expiry: number
  /** Source of the ephemeral secret; the platform's by default. */
  readonly randomBytes?: (lengthBytes: number) => Uint8Array
}

/** Wraps a share for one requester, for one object, until a time. @throws MalformedError for a key of low order */
export function giveShare(request: GiveShareRequest): GivenShare {
  const { share, requesterKey, objectId, expiry } = request
  assertInteger('expiry', expiry, { min: 0, max: Number.MAX_SAFE_INTEGER })
  const ephemeralSecret = (request.randomBytes ?? randomBytes)(X25519_BYTES)
  const ephemeralKey = x25519PublicKey(ephemeralSecret)
  const sharedSecret = x25519SharedSecret(ephemeralSecret, requesterKey)
  const hint = recipientHint(requesterKey, objectId)
  const { setId, index } = share
  const place = { setId, index, expiry, ephemeralKey, headerHash: request.headerHash }
  const wrappingKey = deriveWrappingKey(sharedSecret, requesterKey, place)
  const wrapped = wrapKey(wrappingKey, share.bytes)
  wipe(ephemeralSecret, sharedSecret, wrappingKey)
  return { objectId, setId, index, expiry, hint, ephemeralKey, wrapped }
}

/** What {@link takeShare} needs. */
export interface TakeShareRequest {
  readonly given: GivenShare
  /** The requester's X25519 secret key, 32 bytes. */
  readonly secretKey: Uint8Array
  readonly headerHash: Uint8Array
}

/** Whether a given share is meant for the owner of a secret key. */
export function isGivenTo({ hint, objectId }: GivenShare, secretKey: Uint8Array): boolean {
  return equalConstantTime(hint, recipientHint(x25519PublicKey(secretKey), objectId))
}

/**
 * Unwraps a share that a custodian gave. Object, expiry and commitment are the caller's to check.
 *
 * @throws AuthenticationError when a bit of it was changed, its expiry included, or it was given to another or for another object
 */
export function takeShare({ given, secretKey, headerHash }: TakeShareRequest): SecretShare {
  const { setId, index, ephemeralKey, wrapped } = given
  const sharedSecret = x25519SharedSecret(secretKey, ephemeralKey)
  const place = { ...given, headerHash }
  const wrappingKey = deriveWrappingKey(sharedSecret, x25519PublicKey(secretKey), place)
  try {
    return { setId, index, bytes: unwrapKey(wrappingKey, wrapped) }
  } catch (cause) {
    throw new AuthenticationError(
      'the given share is damaged, or was given to another or for another object',
      { cause },
    )
  } finally {
    wipe(sharedSecret, wrappingKey)
  }
}

/** A given share as canonical CBOR. */
export function encodeGivenShare(given: GivenShare): Uint8Array<ArrayBuffer> {
  const { objectId, setId, index, expiry, hint, ephemeralKey, wrapped } = given
  return encodeCbor([VERSION, objectId, setId, index, expiry, hint, ephemeralKey, wrapped])
}

/**
 * Reads one back.
 *
 * @throws MalformedError, LimitError when it is none; UnsupportedVersionError for one of a later version
 */
export function decodeGivenShare(bytes: Uint8Array): GivenShare {
  const fields = new FieldReader('given share', decodeCbor(bytes, { maxBytes: MAX_BYTES }), 8)
  const version = fields.integer('version', { min: 1, max: Number.MAX_SAFE_INTEGER })
  if (version !== VERSION) {
    throw new UnsupportedVersionError('given share is of a later version; use a newer release')
  }
  return {
    objectId: fields.bytes('objectId', exactly(32)),
    setId: fields.bytes('setId', exactly(16)),
    index: fields.integer('index', { min: 1, max: MAX_CUSTODIANS }),
    expiry: fields.integer('expiry', { min: 0, max: Number.MAX_SAFE_INTEGER }),
    hint: fields.bytes('hint', exactly(HINT_BYTES)),
    ephemeralKey: fields.bytes('ephemeral key', exactly(X25519_BYTES)),
    wrapped: fields.bytes('wrapped', { min: 17, max: 128 }),
  }
}

function deriveWrappingKey(
  sharedSecret: Uint8Array,
  requesterKey: Uint8Array,
  place: Pick<GivenShare, 'setId' | 'index' | 'expiry' | 'ephemeralKey'> & {
    readonly headerHash: Uint8Array
  },
): Uint8Array<ArrayBuffer> {
  const { setId, index, expiry, ephemeralKey, headerHash } = place
  assertBytes('headerHash', headerHash, 32)
  return hkdfSha256({
    key: sharedSecret,
    salt: concat(ephemeralKey, requesterKey),
    info: concat(
      encodeUtf8('orlop/1/given-share'),
      headerHash,
      setId,
      Uint8Array.of(index),
      u64be(expiry),
    ),
    lengthBytes: 32,
  })
}
