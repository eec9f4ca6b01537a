import { assertBytes, concat, encodeUtf8, equalConstantTime, u32be } from '../bytes.ts'
import { AuthenticationError, CryptoError, MalformedError } from '../errors.ts'
import type { Stanza } from '../format/stanza.ts'
import { HASH_BYTES } from '../hash.ts'
import type { SecretShare, ShareSet } from '../thresholds/secret-shares.ts'
import { X25519_BYTES, x25519PublicKey } from '../x25519.ts'
import { unwrapGift, wrapGift } from './gift.ts'
import { recipientHint } from './recipient-stanza.ts'
import { CUSTODY_SET_STANZA_TYPE, CUSTODY_SHARE_STANZA_TYPE } from './stanza-types.ts'

/** Most custodians of one object: the set's stanza and theirs fill an envelope. */
export const MAX_CUSTODIANS = 63

const SET_ID_BYTES = 16

/** The object whose data key is in custody. */
export interface CustodyObject {
  readonly objectId: Uint8Array
  readonly headerHash: Uint8Array
}

/** The same, with whose it is. Objects of two clients may have one name and one header: who copies another's gets no share of it. */
export interface OwnedObject extends CustodyObject {
  /** The owner's number on the ledger. */
  readonly ownerId: number
}

/** What is public of the shares, for the envelope. */
export function custodySetStanza({ setId, threshold, commitments }: ShareSet): Stanza {
  const wrapped = concat(...commitments)
  return {
    type: CUSTODY_SET_STANZA_TYPE,
    hint: setId.slice(0, 4),
    args: [setId, threshold],
    wrapped,
  }
}

/**
 * Reads the set of an envelope's shares.
 *
 * @returns null when the object is not in custody.
 * @throws MalformedError when there are several, or one is not as documented
 */
export function custodySetOf(stanzas: readonly Stanza[]): ShareSet | null {
  const sets = stanzas.filter(({ type }) => type === CUSTODY_SET_STANZA_TYPE)
  const [stanza] = sets
  if (stanza === undefined) return null
  const [setId, threshold] = stanza.args
  const count = stanza.wrapped.length / HASH_BYTES
  if (
    sets.length !== 1 ||
    !(setId instanceof Uint8Array) ||
    setId.length !== SET_ID_BYTES ||
    typeof threshold !== 'number' ||
    !Number.isInteger(count) ||
    threshold < 2 ||
    threshold > count ||
    count > MAX_CUSTODIANS
  ) {
    throw new MalformedError('the custody set of the envelope is not as it must be; fetch it again')
  }
  const commitments = Array.from({ length: count }, (_, at) =>
    stanza.wrapped.subarray(at * HASH_BYTES, (at + 1) * HASH_BYTES),
  )
  return { setId, threshold, commitments }
}

/** What {@link wrapShare} needs. */
export interface WrapShareRequest extends OwnedObject {
  readonly share: SecretShare
  /** The custodian's X25519 opening key, 32 bytes. */
  readonly custodianKey: Uint8Array
  /** Source of the ephemeral secret; the platform's by default. */
  readonly randomBytes?: (lengthBytes: number) => Uint8Array
}

/** Wraps one share so that only its custodian can unwrap it, and only for this object. @throws MalformedError for a key of low order */
export function wrapShare(request: WrapShareRequest): Stanza {
  const { share, custodianKey, objectId } = request
  const { setId, index, bytes: secret } = share
  const { ephemeralKey, wrapped } = wrapGift({
    ...{ secret, recipientKey: custodianKey, randomBytes: request.randomBytes },
    binding: bindingOf(request, setId, index),
  })
  return {
    type: CUSTODY_SHARE_STANZA_TYPE,
    hint: recipientHint(custodianKey, objectId),
    args: [ephemeralKey, setId, index],
    wrapped,
  }
}

/** What {@link unwrapShares} needs. */
export interface UnwrapSharesRequest extends OwnedObject {
  /** All stanzas of the envelope. */
  readonly stanzas: readonly Stanza[]
  /** The custodian's X25519 secret key, 32 bytes. */
  readonly secretKey: Uint8Array
}

/**
 * Unwraps the shares meant for a custodian: one, or several where somebody holds several.
 *
 * @returns none when the reader is no custodian of this object. They are to be checked against the set.
 * @throws AuthenticationError when those with the reader's hint are damaged
 */
export function unwrapShares(request: UnwrapSharesRequest): SecretShare[] {
  const custodianKey = x25519PublicKey(request.secretKey)
  const hint = recipientHint(custodianKey, request.objectId)
  const own = request.stanzas.filter(
    ({ type, hint: theirs }) =>
      type === CUSTODY_SHARE_STANZA_TYPE && equalConstantTime(theirs, hint),
  )
  const shares: SecretShare[] = []
  let failure: CryptoError | null = null
  for (const stanza of own) {
    try {
      shares.push(unwrapOne(stanza, request))
    } catch (error) {
      // Hints are short: another custodian's may be the same.
      if (!(error instanceof CryptoError)) throw error
      failure = error
    }
  }
  if (shares.length === 0 && failure !== null) throw failure
  return shares
}

function unwrapOne({ args, wrapped }: Stanza, request: UnwrapSharesRequest): SecretShare {
  const [ephemeralKey, setId, index] = args
  if (
    !(ephemeralKey instanceof Uint8Array) ||
    ephemeralKey.length !== X25519_BYTES ||
    !(setId instanceof Uint8Array) ||
    setId.length !== SET_ID_BYTES ||
    typeof index !== 'number' ||
    index < 1 ||
    index > MAX_CUSTODIANS
  ) {
    throw new AuthenticationError('the share for this key lacks its arguments')
  }
  const { secretKey } = request
  const binding = bindingOf(request, setId, index)
  return { setId, index, bytes: unwrapGift({ ephemeralKey, wrapped }, { secretKey, binding }) }
}

function bindingOf(
  { headerHash, ownerId }: OwnedObject,
  setId: Uint8Array,
  index: number,
): Uint8Array {
  assertBytes('headerHash', headerHash, 32)
  const name = encodeUtf8('orlop/1/stanza/custody')
  return concat(name, headerHash, u32be(ownerId), setId, Uint8Array.of(index))
}
