import { wipe } from '@orlop/crypto/bytes'
import { CryptoError } from '@orlop/crypto/errors'
import { unwrapGift } from '@orlop/crypto/keys/gift'
import { givePart as wrapForRequester } from '@orlop/crypto/keys/given-part'
import { decryptPartially } from '@orlop/crypto/thresholds/joint-decryption'
import { OrlopError } from '@orlop/protocol/errors'
import { formatObjectId } from '@orlop/protocol/ids'
import { type ActionOptions, contextFor } from '../action-options.ts'
import type { ClientContext } from '../context.ts'
import { type JointKey, jointKeyMessage, ownShareBinding } from '../custody/joint/joint-key.ts'
import { jointStanzaOf } from '../custody/joint/joint-stanza.ts'
import { formatMessage, parseMessage } from '../custody/message-text.ts'
import { partMessage } from '../custody/part-message.ts'
import { type Requester, requesterOf } from '../custody/requester.ts'
import { findEnvelope } from '../retrieve/open-object.ts'

/** Of which object a part is given, with which joint key, and to whom. */
export interface GivePartRequest extends Requester {
  readonly objectId: Uint8Array | string
  /** Whose object; found by itself when left out. */
  readonly ownerId?: number
  /** This client's hold on the joint key, as `assembleJointKey` gave it. */
  readonly jointKey: string
}

/** A party's part for one requester. */
export interface GivenPartText {
  /** One line, to be sent by whatever way: only the requester can open it. */
  readonly text: string
  /** From 1. */
  readonly party: number
  /** So many parts open the object. */
  readonly threshold: number
  /** Unix seconds. */
  readonly expiry: number
  /** The requester's opening key, 32 bytes, to be compared with what it says over another way. */
  readonly openingKey: Uint8Array
}

/**
 * As a party of a joint key: makes this client's part in opening one object that is bound to it, for one requester. It opens nothing by
 * itself, and, as the stanza was made for this object, no other. Whoever has enough parts opens the object.
 *
 * @throws OrlopError `NOT_AUTHORIZED` when the object is not bound to this key, or by a stanza that was made for another object; `SHARE_INVALID` when the hold on the key is damaged or not
 *   this client's; `RECIPIENT_KEY_CHANGED`; `USAGE`; and as `open` where the envelope is not found.
 */
export async function givePart(
  outer: ClientContext,
  request: GivePartRequest,
  options: ActionOptions = {},
): Promise<GivenPartText> {
  const context = contextFor(outer, options)
  const key = parseMessage(jointKeyMessage, request.jointKey)
  const { openingKey, expiry } = await requesterOf(context, request, options)
  const { view, checked } = await findEnvelope(context, request, options)
  const { objectId, headerHash, ownerId } = view
  const object = { objectId, headerHash, ownerId }
  const stanza = jointStanzaOf(checked.envelope.stanzas, key.publicKey, object)
  if (stanza === null) throw notBound(objectId)
  const share = shareOf(context, key)
  try {
    const part = decryptPartially({ ...key, share }, stanza.wrapped)
    const given = wrapForRequester({ ...object, part, requesterKey: openingKey, expiry })
    const { party, threshold } = key
    return { text: formatMessage(partMessage, given), party, threshold, expiry, openingKey }
  } finally {
    wipe(share)
  }
}

function shareOf({ identity }: ClientContext, key: JointKey): Uint8Array {
  const binding = ownShareBinding(key)
  let failure: unknown
  for (const { openingSecretKey: secretKey } of identity.keyring.keySets) {
    try {
      return unwrapGift(key, { secretKey, binding })
    } catch (error) {
      if (!(error instanceof CryptoError)) throw error
      failure = error
    }
  }
  throw new OrlopError(
    'SHARE_INVALID',
    "The hold on the joint key is damaged, or another client's. Use this client's own.",
    { cause: failure },
  )
}

function notBound(objectId: Uint8Array): OrlopError {
  return new OrlopError(
    'NOT_AUTHORIZED',
    `${formatObjectId(objectId)} is not bound to this joint key. Check the object's name, and the key.`,
  )
}
