import { wipe } from '@orlop/crypto/bytes'
import { CryptoError } from '@orlop/crypto/errors'
import { custodySetOf } from '@orlop/crypto/keys/custody-stanzas'
import { giveShare as wrapForRequester } from '@orlop/crypto/keys/given-share'
import { OrlopError } from '@orlop/protocol/errors'
import { formatObjectId } from '@orlop/protocol/ids'
import { type ActionOptions, contextFor } from '../action-options.ts'
import type { ClientContext } from '../context.ts'
import { ownShares } from '../custody/open-with-shares.ts'
import { formatMessage } from '../custody/message-text.ts'
import { shareMessage } from '../custody/share-message.ts'
import { type Requester, requesterOf } from '../custody/requester.ts'
import { findEnvelope } from '../retrieve/open-object.ts'

/** Which share is given, and to whom. */
export interface GiveShareRequest extends Requester {
  readonly objectId: Uint8Array | string
  /** Whose object; found by itself when left out. */
  readonly ownerId?: number
}

/** A custodian's share for one requester. */
export interface GivenShareText {
  /** One line, to be sent by whatever way: only the requester can open it. */
  readonly text: string
  /** The custodian's place, from 1. */
  readonly custodian: number
  /** So many custodians' shares open the object. */
  readonly threshold: number
  /** Unix seconds. */
  readonly expiry: number
  /** The requester's opening key, 32 bytes, to be compared with what it says over another way. */
  readonly openingKey: Uint8Array
}

/**
 * As a custodian of somebody's object: gives this client's share to one requester, sealed to its opening key. Whoever has enough shares
 * opens the object; a share that was opened may be kept beyond its expiry by a requester who is not honest.
 *
 * @throws OrlopError `NOT_AUTHORIZED` when this client is no custodian of the object; `SHARE_INVALID` when its share is damaged;
 *   `RECIPIENT_KEY_CHANGED`; `USAGE`; and as `open` where the envelope is not found.
 */
export async function giveShare(
  outer: ClientContext,
  request: GiveShareRequest,
  options: ActionOptions = {},
): Promise<GivenShareText> {
  const context = contextFor(outer, options)
  const { openingKey, expiry } = await requesterOf(context, request, options)
  const { view, checked } = await findEnvelope(context, request, options)
  const { objectId, headerHash, ownerId } = view
  const { stanzas } = checked.envelope
  const set = custodySetOf(stanzas)
  const { keySets } = context.identity.keyring
  const openingSecretKeys = keySets.map(({ openingSecretKey }) => openingSecretKey)
  const [share] =
    set === null ? [] : shares({ stanzas, objectId, headerHash, ownerId, openingSecretKeys }, set)
  if (set === null || share === undefined) throw noCustodian(objectId)
  try {
    const object = { objectId, headerHash }
    const given = wrapForRequester({ ...object, share, requesterKey: openingKey, expiry })
    const { threshold } = set
    const text = formatMessage(shareMessage, given)
    return { text, custodian: share.index, threshold, expiry, openingKey }
  } finally {
    wipe(share.bytes)
  }
}

function shares(...[object, set]: Parameters<typeof ownShares>): ReturnType<typeof ownShares> {
  try {
    return ownShares(object, set)
  } catch (cause) {
    if (!(cause instanceof CryptoError)) throw cause
    throw new OrlopError(
      'SHARE_INVALID',
      `This client's share of ${formatObjectId(object.objectId)} is damaged. Use other custodians' shares, and tell the object's owner.`,
      { cause },
    )
  }
}

function noCustodian(objectId: Uint8Array): OrlopError {
  return new OrlopError(
    'NOT_AUTHORIZED',
    `This client holds no share of ${formatObjectId(objectId)}. Check the object's name, and the owner's list of custodians.`,
  )
}
