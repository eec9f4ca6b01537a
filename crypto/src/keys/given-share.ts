import { assertBytes, assertInteger, concat, encodeUtf8, u64be } from '../bytes.ts'
import { UnsupportedVersionError } from '../errors.ts'
import { decodeCbor, encodeCbor } from '../format/cbor.ts'
import { FieldReader } from '../format/fields.ts'
import { HINT_BYTES } from '../format/stanza.ts'
import type { SecretShare } from '../thresholds/secret-shares.ts'
import { X25519_BYTES } from '../x25519.ts'
import { type CustodyObject, MAX_CUSTODIANS } from './custody-stanzas.ts'
import { type Gift, unwrapGift, wrapGift } from './gift.ts'
import { recipientHint } from './recipient-stanza.ts'

const VERSION = 1
const MAX_BYTES = 512
const exactly = (length: number) => ({ min: length, max: length })

/** A custodian's share on its way to one requester, who alone can open it, until it expires. */
export interface GivenShare extends Gift {
  readonly objectId: Uint8Array
  readonly setId: Uint8Array
  /** From 1. */
  readonly index: number
  /** Unix seconds. It cannot be changed, and an honest requester keeps to it; who has opened the share before may have kept it. */
  readonly expiry: number
  /** By which the requester knows that it is meant: 4 bytes. */
  readonly hint: Uint8Array
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
  const { share, requesterKey, objectId, headerHash, expiry } = request
  assertInteger('expiry', expiry, { min: 0, max: Number.MAX_SAFE_INTEGER })
  const { setId, index, bytes: secret } = share
  const gift = wrapGift({
    ...{ secret, recipientKey: requesterKey, randomBytes: request.randomBytes },
    binding: bindingOf({ setId, index, expiry }, headerHash),
  })
  return { objectId, setId, index, expiry, hint: recipientHint(requesterKey, objectId), ...gift }
}

/** What {@link takeShare} needs. */
export interface TakeShareRequest {
  readonly given: GivenShare
  /** The requester's X25519 secret key, 32 bytes. */
  readonly secretKey: Uint8Array
  readonly headerHash: Uint8Array
}

/**
 * Unwraps a share that a custodian gave. Object, expiry and commitment are the caller's to check.
 *
 * @throws AuthenticationError when a bit of it was changed, its expiry included, or it was given to another or for another object
 */
export function takeShare({ given, secretKey, headerHash }: TakeShareRequest): SecretShare {
  const { setId, index } = given
  return {
    setId,
    index,
    bytes: unwrapGift(given, { secretKey, binding: bindingOf(given, headerHash) }),
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

function bindingOf(
  { setId, index, expiry }: Pick<GivenShare, 'setId' | 'index' | 'expiry'>,
  headerHash: Uint8Array,
): Uint8Array {
  assertBytes('headerHash', headerHash, 32)
  const name = encodeUtf8('orlop/1/given-share')
  return concat(name, headerHash, setId, Uint8Array.of(index), u64be(expiry))
}
