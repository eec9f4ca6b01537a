import { assertBytes, concat, encodeUtf8, equalConstantTime, u32be } from '../bytes.ts'
import { SM2_POINT_BYTES } from '../cards/sm2/curve.ts'
import { openSm2, sealSm2Provably } from '../cards/sm2/encryption.ts'
import { AuthenticationError } from '../errors.ts'
import { HINT_BYTES } from '../format/stanza.ts'
import type { Stanza } from '../format/stanza.ts'
import { hkdfSha256 } from '../kdf.ts'
import { decodePoint, GENERATOR } from '../thresholds/points.ts'
import { holdsKnowledge, type KnowledgeClaim, proveKnowledge } from '../thresholds/proofs.ts'
import type { OwnedObject } from './custody-stanzas.ts'
import { DATA_KEY_BYTES } from './object-keys.ts'
import { SM2_STANZA_TYPE } from './stanza-types.ts'

const MADE_FOR = encodeUtf8('orlop sm2 stanza v1')

/** What {@link wrapForSm2} needs. */
export interface WrapForSm2Request extends OwnedObject {
  /** 32 bytes. */
  readonly dataKey: Uint8Array
  /** The recipient's public key: an uncompressed point, 65 bytes. */
  readonly publicKey: Uint8Array
  /** Source of the ephemeral scalar; the platform's by default. */
  readonly randomBytes?: (lengthBytes: number) => Uint8Array
}

/**
 * Encrypts a data key to an SM2 public key (GB/T 32918.4): what any card and any SM2 library opens. It is bound to its object by the
 * header's commitment, which whoever opens it checks, and by a proof that whoever made it knew the scalar of C1 and meant this object:
 * parties of a joint key open by parts without ever seeing what they open, and a ciphertext copied from another object must get none from
 * them (Shoup and Gennaro, "Securing threshold cryptosystems against chosen ciphertext attack", 2002).
 *
 * @throws RangeError when the public key is no point of the curve
 * @throws TypeError or RangeError when a length is not as documented
 */
export function wrapForSm2(request: WrapForSm2Request): Stanza {
  const { dataKey, publicKey, objectId, randomBytes } = request
  assertBytes('data key', dataKey, DATA_KEY_BYTES)
  const { sealed: wrapped, scalar } = sealSm2Provably(publicKey, dataKey, randomBytes)
  const proof = proveKnowledge(scalar, madeForClaim(wrapped, request), randomBytes)
  return { type: SM2_STANZA_TYPE, hint: sm2Hint(publicKey, objectId), args: [proof], wrapped }
}

/** Whether an SM2 stanza was made for this object by somebody who knew what is in it, and not copied from another one. */
export function isSm2StanzaMadeFor({ args, wrapped }: Stanza, object: OwnedObject): boolean {
  const [proof] = args
  if (!(proof instanceof Uint8Array) || wrapped.length <= SM2_POINT_BYTES) return false
  try {
    return holdsKnowledge(madeForClaim(wrapped, object), proof)
  } catch {
    // It does not begin with a point of the curve.
    return false
  }
}

function madeForClaim(
  wrapped: Uint8Array,
  { objectId, headerHash, ownerId }: OwnedObject,
): KnowledgeClaim {
  assertBytes('objectId', objectId, 32)
  assertBytes('headerHash', headerHash, 32)
  return {
    base: GENERATOR,
    image: decodePoint(wrapped.subarray(0, SM2_POINT_BYTES)),
    context: concat(MADE_FOR, u32be(ownerId), objectId, headerHash, wrapped),
  }
}

/** `HKDF(public key, objectId)`, as of an X25519 recipient. @param publicKey - 65 bytes. */
export function sm2Hint(publicKey: Uint8Array, objectId: Uint8Array): Uint8Array<ArrayBuffer> {
  assertBytes('SM2 public key', publicKey, SM2_POINT_BYTES)
  assertBytes('objectId', objectId, 32)
  return hkdfSha256({
    key: publicKey,
    salt: objectId,
    info: 'orlop/1/hint',
    lengthBytes: HINT_BYTES,
  })
}

/** The stanzas meant for an SM2 public key (65 bytes), by their hints. */
export function sm2StanzasFor(
  stanzas: readonly Stanza[],
  publicKey: Uint8Array,
  objectId: Uint8Array,
): Stanza[] {
  const hint = sm2Hint(publicKey, objectId)
  return stanzas.filter(
    (stanza) => stanza.type === SM2_STANZA_TYPE && equalConstantTime(stanza.hint, hint),
  )
}

/**
 * Opens an SM2 stanza with the private key. The caller checks the data key against the header's commitment.
 *
 * @param privateKey - 32 bytes
 * @returns the data key, 32 bytes
 * @throws AuthenticationError when the stanza is damaged or for another key
 */
export function unwrapWithSm2(privateKey: Uint8Array, stanza: Stanza): Uint8Array {
  return checkSm2DataKey(openSm2(privateKey, stanza.wrapped))
}

/** @param opened - what a card, a private key or several parties made of a stanza. @throws AuthenticationError when it is no data key */
export function checkSm2DataKey(opened: Uint8Array): Uint8Array {
  if (opened.length === DATA_KEY_BYTES) return opened
  throw new AuthenticationError('the SM2 stanza holds no data key; fetch the envelope again')
}
