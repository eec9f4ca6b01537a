import { wipe } from '@orlop/crypto/bytes'
import { CryptoError } from '@orlop/crypto/errors'
import { custodySetOf } from '@orlop/crypto/keys/custody-stanzas'
import { giveShare as wrapForRequester } from '@orlop/crypto/keys/given-share'
import { OrlopError } from '@orlop/protocol/errors'
import { formatObjectId } from '@orlop/protocol/ids'
import { type ActionOptions, contextFor, signalOf } from '../action-options.ts'
import type { ClientContext } from '../context.ts'
import { ownShares } from '../custody/open-with-shares.ts'
import { formatGivenShare } from '../custody/share-message.ts'
import { type Recipient, trustedOpeningKey } from '../envelope/recipient-keys.ts'
import { findEnvelope } from '../retrieve/open-object.ts'

/** How long a given share is good when nothing else is said. */
const DEFAULT_VALID_SECONDS = 24 * 3600
const MAX_VALID_SECONDS = 366 * 24 * 3600

/** Which share is given, and to whom. */
export interface GiveShareRequest {
  readonly objectId: Uint8Array | string
  /** Whose object; found by itself when left out. */
  readonly ownerId?: number
  /** Who is to open the object: a client by its number, or pinned to its opening key. */
  readonly recipient: Recipient
  /** Takes the ledger's opening key of this client although it is another than before. */
  readonly trustNewKeys?: boolean
  /** How long the requester has, in seconds: 1 to 366 days' worth; a day when left out. */
  readonly validSeconds?: number
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
  const { recipient, trustNewKeys, validSeconds = DEFAULT_VALID_SECONDS } = request
  assertSeconds(validSeconds)
  const { view, checked } = await findEnvelope(context, request, options)
  const { objectId, headerHash } = view
  const { stanzas } = checked.envelope
  const set = custodySetOf(stanzas)
  const { keySets } = context.identity.keyring
  const openingSecretKeys = keySets.map(({ openingSecretKey }) => openingSecretKey)
  const [share] =
    set === null ? [] : shares({ stanzas, objectId, headerHash, openingSecretKeys }, set)
  if (set === null || share === undefined) throw noCustodian(objectId)
  try {
    const openingKey = await trustedOpeningKey(context, recipient, {
      trustNewKeys,
      ...signalOf(options),
    })
    const expiry = Math.floor(context.home.clockOffset.nowMs() / 1000) + validSeconds
    const object = { objectId, headerHash }
    const given = wrapForRequester({ ...object, share, requesterKey: openingKey, expiry })
    const { threshold } = set
    return { text: formatGivenShare(given), custodian: share.index, threshold, expiry, openingKey }
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

function assertSeconds(validSeconds: number): void {
  if (Number.isInteger(validSeconds) && validSeconds >= 1 && validSeconds <= MAX_VALID_SECONDS) {
    return
  }
  throw new OrlopError(
    'USAGE',
    `A share is given for 1 to ${MAX_VALID_SECONDS} seconds, not for ${validSeconds}.`,
  )
}

function noCustodian(objectId: Uint8Array): OrlopError {
  return new OrlopError(
    'NOT_AUTHORIZED',
    `This client holds no share of ${formatObjectId(objectId)}. Check the object's name, and the owner's list of custodians.`,
  )
}
