import { decodeHex, encodeHex, wipe } from '@orlop/crypto/bytes'
import { CryptoError } from '@orlop/crypto/errors'
import { unwrapGift, wrapGift } from '@orlop/crypto/keys/gift'
import { isSignedBy } from '@orlop/crypto/keys/signed-by'
import { assembleJointKey as assemble } from '@orlop/crypto/thresholds/joint-key'
import { PartyError } from '@orlop/crypto/thresholds/threshold-errors'
import { OrlopError } from '@orlop/protocol/errors'
import { type ActionOptions, contextFor, signalOf } from '../action-options.ts'
import type { ClientContext } from '../context.ts'
import {
  contributionDigest,
  contributionMessage,
  type JointKeyPlan,
  type MemberContribution,
  shareBinding,
  type SignedContribution,
} from '../custody/joint/contribution.ts'
import { jointKeyMessage, ownShareBinding } from '../custody/joint/joint-key.ts'
import { formatMessage, parseMessage } from '../custody/message-text.ts'
import { shareInvalid } from '../custody/share-invalid.ts'

/** What {@link assembleJointKey} takes. */
export interface AssembleJointKeyRequest {
  /** Everybody's contribution, this member's own among them, in any order. */
  readonly contributions: readonly string[]
}

/** A member's hold on a joint key. */
export interface AssembledJointKey {
  /** One line: the member's share is wrapped for this client in it. Every party needs its own to give parts; any will do for requesters. */
  readonly text: string
  /** SM2, 65 bytes. All members must see the same: compare it, over another way, before anything is sealed to it. */
  readonly publicKey: Uint8Array
  /** From 1. */
  readonly party: number
  readonly threshold: number
  /** Clients by their numbers. */
  readonly members: readonly number[]
}

/**
 * Checks what all members contributed to a joint key, and puts this member's hold on it together.
 *
 * @throws OrlopError `SHARE_INVALID` naming the member whose contribution is not signed by it, or is wrong; `SHARES_MISSING` when members
 *   are missing; `USAGE` when contributions are to different keys, or this client is no member; `LEDGER_UNREACHABLE`.
 */
export async function assembleJointKey(
  outer: ClientContext,
  { contributions }: AssembleJointKeyRequest,
  options: ActionOptions = {},
): Promise<AssembledJointKey> {
  const context = contextFor(outer, options)
  const signed = contributions.map((text) => parseMessage(contributionMessage, text))
  const plan = planOf(signed.map(({ contribution }) => contribution))
  const party = plan.members.indexOf(context.identity.clientId) + 1
  if (party === 0) throw new OrlopError('USAGE', 'This client is no member of this joint key.')
  for (const one of signed) await assertSigned(context, one, options)
  const shares = signed.map(({ contribution }) => ({
    contribution,
    share: ownShare(context, contribution, party),
  }))
  try {
    const { ceremonyId, threshold, members } = plan
    const quorum = { ceremonyId, threshold, parties: members.length }
    const held = assemble(party, quorum, shares)
    const binding = ownShareBinding(held)
    const recipientKey = context.identity.keySet.openingPublicKey
    const gift = wrapGift({ secret: held.share, recipientKey, binding })
    wipe(held.share)
    const text = formatMessage(jointKeyMessage, { ...held, ...gift })
    return { text, publicKey: held.publicKey, party, threshold, members }
  } catch (cause) {
    if (!(cause instanceof PartyError)) throw cause
    throw shareInvalid(cause.party, `is refused: ${cause.message}`, cause)
  } finally {
    wipe(...shares.map(({ share }) => share))
  }
}

/** What all agree on. Everybody must be there: who is missing is left out by beginning anew. */
function planOf(contributions: readonly MemberContribution[]): JointKeyPlan {
  const [plan] = contributions
  if (plan === undefined) throw new OrlopError('SHARES_MISSING', 'There is no contribution.')
  const textOf = ({ ceremonyId, threshold, members }: JointKeyPlan) =>
    `${encodeHex(ceremonyId)} ${threshold} ${members.join()}`
  if (contributions.some((one) => textOf(one) !== textOf(plan))) {
    throw new OrlopError('USAGE', 'These are contributions to different joint keys.')
  }
  const parties = new Set(contributions.map(({ party }) => party))
  const missing = plan.members.filter((_, at) => !parties.has(at + 1))
  if (missing.length > 0) {
    throw new OrlopError(
      'SHARES_MISSING',
      `Contributions are missing of client ${missing.join(', ')}. A joint key takes every member's.`,
      { details: { missing: missing.join() } },
    )
  }
  if (parties.size === contributions.length && parties.size === plan.members.length) return plan
  throw new OrlopError('USAGE', 'A member contributed twice. Give one contribution of each.')
}

/** Otherwise whoever carries the messages could put in its own numbers, and be every party. */
async function assertSigned(
  context: ClientContext,
  { content, signature, contribution }: SignedContribution,
  options: ActionOptions,
): Promise<void> {
  const { party, members } = contribution
  const clientId = members[party - 1] ?? 0
  const record = await context.ledger.client(clientId, signalOf(options))
  const digest = contributionDigest(content)
  const isOwn =
    record !== null &&
    isSignedBy(decodeHex(record.signer.slice(2).toLowerCase()), digest, signature)
  if (isOwn) return
  throw shareInvalid(
    party,
    `is not signed by client ${clientId}. Ask that client for its contribution again`,
  )
}

function ownShare(
  { identity }: ClientContext,
  { ceremonyId, party: sender, gifts }: MemberContribution,
  party: number,
): Uint8Array {
  const gift = gifts[party - 1]
  const binding = shareBinding(ceremonyId, sender, party)
  for (const { openingSecretKey: secretKey } of identity.keyring.keySets) {
    try {
      if (gift !== undefined) return unwrapGift(gift, { secretKey, binding })
    } catch (error) {
      if (!(error instanceof CryptoError)) throw error
    }
  }
  throw shareInvalid(sender, 'holds no share for this client. Begin anew with another ceremony')
}
