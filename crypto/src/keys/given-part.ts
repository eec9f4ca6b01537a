import { assertBytes, assertInteger, concat, encodeUtf8, u64be } from '../bytes.ts'
import { AuthenticationError, UnsupportedVersionError } from '../errors.ts'
import { decodeCbor, encodeCbor } from '../format/cbor.ts'
import { FieldReader } from '../format/fields.ts'
import { HINT_BYTES } from '../format/stanza.ts'
import type { PartialDecryption } from '../thresholds/joint-decryption.ts'
import { X25519_BYTES } from '../x25519.ts'
import type { CustodyObject } from './custody-stanzas.ts'
import { type Gift, unwrapGift, wrapGift } from './gift.ts'
import { recipientHint } from './recipient-stanza.ts'

const VERSION = 1
const MAX_BYTES = 512
const POINT_BYTES = 65
const PROOF_BYTES = 64
const TAG_BYTES = 16
const MAX_PARTIES = 255
const exactly = (length: number) => ({ min: length, max: length })

/** A party's part in opening an object that is bound to a joint key, on its way to one requester, until it expires. */
export interface GivenPart extends Gift {
  readonly objectId: Uint8Array
  /** From 1. */
  readonly party: number
  /** Unix seconds; as of a given share. */
  readonly expiry: number
  /** By which the requester knows that it is meant: 4 bytes. */
  readonly hint: Uint8Array
}

/** What {@link givePart} needs. */
export interface GivePartRequest extends CustodyObject {
  readonly part: PartialDecryption
  /** The requester's X25519 opening key, 32 bytes. */
  readonly requesterKey: Uint8Array
  /** Unix seconds. */
  readonly expiry: number
  /** Source of the ephemeral secret; the platform's by default. */
  readonly randomBytes?: (lengthBytes: number) => Uint8Array
}

/** Wraps a part for one requester, for one object, until a time. @throws MalformedError for a key of low order */
export function givePart(request: GivePartRequest): GivenPart {
  const { part, requesterKey, objectId, headerHash, expiry } = request
  const { party, point, proof } = part
  assertInteger('expiry', expiry, { min: 0, max: Number.MAX_SAFE_INTEGER })
  assertBytes('point', point, POINT_BYTES)
  assertBytes('proof', proof, PROOF_BYTES)
  const binding = bindingOf({ party, expiry }, headerHash)
  const gift = wrapGift({
    ...{ recipientKey: requesterKey, binding, randomBytes: request.randomBytes },
    secret: concat(point, proof),
  })
  return { objectId, party, expiry, hint: recipientHint(requesterKey, objectId), ...gift }
}

/**
 * Unwraps a part that a party gave. Object, expiry and proof are the caller's to check.
 *
 * @param request.secretKey - the requester's, X25519, 32 bytes
 * @throws AuthenticationError when a bit of it was changed, its expiry included, or it was given to another or for another object
 */
export function takePart(
  given: GivenPart,
  request: { readonly secretKey: Uint8Array; readonly headerHash: Uint8Array },
): PartialDecryption {
  const { secretKey, headerHash } = request
  const { party } = given
  const bytes = unwrapGift(given, { secretKey, binding: bindingOf(given, headerHash) })
  if (bytes.length !== POINT_BYTES + PROOF_BYTES) {
    throw new AuthenticationError('the given part is not as long as it must be')
  }
  return { party, point: bytes.subarray(0, POINT_BYTES), proof: bytes.subarray(POINT_BYTES) }
}

/** A given part as canonical CBOR. */
export function encodeGivenPart(given: GivenPart): Uint8Array<ArrayBuffer> {
  const { objectId, party, expiry, hint, ephemeralKey, wrapped } = given
  return encodeCbor([VERSION, objectId, party, expiry, hint, ephemeralKey, wrapped])
}

/**
 * Reads one back.
 *
 * @throws MalformedError, LimitError when it is none; UnsupportedVersionError for one of a later version
 */
export function decodeGivenPart(bytes: Uint8Array): GivenPart {
  const fields = new FieldReader('given part', decodeCbor(bytes, { maxBytes: MAX_BYTES }), 7)
  const version = fields.integer('version', { min: 1, max: Number.MAX_SAFE_INTEGER })
  if (version !== VERSION) {
    throw new UnsupportedVersionError('given part is of a later version; use a newer release')
  }
  return {
    objectId: fields.bytes('objectId', exactly(32)),
    party: fields.integer('party', { min: 1, max: MAX_PARTIES }),
    expiry: fields.integer('expiry', { min: 0, max: Number.MAX_SAFE_INTEGER }),
    hint: fields.bytes('hint', exactly(HINT_BYTES)),
    ephemeralKey: fields.bytes('ephemeral key', exactly(X25519_BYTES)),
    wrapped: fields.bytes('wrapped', exactly(POINT_BYTES + PROOF_BYTES + TAG_BYTES)),
  }
}

function bindingOf(
  { party, expiry }: Pick<GivenPart, 'party' | 'expiry'>,
  headerHash: Uint8Array,
): Uint8Array {
  assertBytes('headerHash', headerHash, 32)
  const name = encodeUtf8('orlop/1/given-part')
  return concat(name, headerHash, Uint8Array.of(party), u64be(expiry))
}
