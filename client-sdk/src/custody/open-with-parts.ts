import { type GivenPart, takePart } from '@orlop/crypto/keys/given-part'
import { checkSm2DataKey, sm2StanzasFor } from '@orlop/crypto/keys/sm2-stanza'
import { joinDecryption } from '@orlop/crypto/thresholds/joint-decryption'
import { PartyError, ShareError } from '@orlop/crypto/thresholds/threshold-errors'
import { OrlopError } from '@orlop/protocol/errors'
import { formatObjectId } from '@orlop/protocol/ids'
import type { KeyOpener, WrappedKey } from '../retrieve/key-opener.ts'
import { type JointKey, jointKeyMessage } from './joint/joint-key.ts'
import { parseMessage } from './message-text.ts'
import { partMessage } from './part-message.ts'
import { shareInvalid } from './share-invalid.ts'
import { takeGiven } from './take-given.ts'

/**
 * Opens an object that is bound to a joint SM2 key, with the parts that its parties gave to this client. Nobody ever has the private key.
 *
 * @param jointKey - any party's hold on the key, as text: parts are checked against what is public of it.
 * @param texts - as `givePart` made them, in any order.
 * @returns a way to open objects, which rejects with OrlopError `SHARE_INVALID` naming the party whose part is wrong, and
 *   `SHARES_MISSING` when there are too few.
 * @throws OrlopError `SHARE_INVALID` for a text that is none.
 */
export function openWithParts(jointKey: string, texts: readonly string[]): KeyOpener {
  const key = parseMessage(jointKeyMessage, jointKey)
  const given = texts.map((text) => parseMessage(partMessage, text))
  return (wrapped) => Promise.resolve(openJointly(wrapped, key, given))
}

function openJointly(
  wrapped: WrappedKey,
  key: JointKey,
  given: readonly GivenPart[],
): Uint8Array | null {
  const { stanzas, objectId, headerHash } = wrapped
  const [stanza] = sm2StanzasFor(stanzas, key.publicKey, objectId)
  if (stanza === undefined) return null
  const parts = given.map((one) =>
    takeGiven(wrapped, { ...one, place: one.party }, (secretKey) =>
      takePart(one, { secretKey, headerHash }),
    ),
  )
  try {
    return checkSm2DataKey(joinDecryption(key, stanza.wrapped, parts))
  } catch (cause) {
    if (cause instanceof PartyError) {
      throw shareInvalid(
        cause.party,
        'was not made with that party’s share of the key. Ask another party',
        cause,
      )
    }
    if (cause instanceof ShareError) throw tooFew(wrapped, key, cause)
    if (cause instanceof RangeError) throw wrongKey(cause)
    throw cause
  }
}

function tooFew({ objectId }: WrappedKey, key: JointKey, { indices }: ShareError) {
  const { threshold, sharePoints } = key
  return new OrlopError(
    'SHARES_MISSING',
    `${formatObjectId(objectId)} is bound to a joint key of ${sharePoints.length}, of whom ${threshold} open it together; ${indices.length} have given their parts. Ask others for theirs ('orlop custody partial') and give them all at once.`,
    { details: { threshold, parties: sharePoints.length, present: indices.length } },
  )
}

function wrongKey(cause: unknown): OrlopError {
  return new OrlopError(
    'SHARE_INVALID',
    'The hold on the joint key is damaged. Ask any of its parties for theirs.',
    { cause },
  )
}
