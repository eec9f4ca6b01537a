import { wipe } from '@orlop/crypto/bytes'
import { wrapGift } from '@orlop/crypto/keys/gift'
import { signDigest } from '@orlop/crypto/sign'
import { contribute } from '@orlop/crypto/thresholds/joint-key'
import { OrlopError } from '@orlop/protocol/errors'
import { type ActionOptions, contextFor, signalOf } from '../action-options.ts'
import type { ClientContext } from '../context.ts'
import {
  contributionDigest,
  contributionMessage,
  encodeContribution,
  MAX_MEMBERS,
  shareBinding,
} from '../custody/joint/contribution.ts'
import { formatMessage } from '../custody/message-text.ts'
import { type Recipient, recipientIdOf, trustedOpeningKey } from '../envelope/recipient-keys.ts'

/** Which joint key is made: all members ask for the same. */
export interface JointKeyRequest {
  /** 16 random bytes, agreed upon, used for no other key. */
  readonly ceremonyId: Uint8Array
  /** So many members open together: 2 to as many as there are. */
  readonly threshold: number
  /** 2 to 16 clients in an order that is agreed upon, this one among them; by their numbers, or pinned to their opening keys. */
  readonly members: readonly Recipient[]
  /** Takes the ledger's opening keys of these clients although they are others than before. */
  readonly trustNewKeys?: boolean
}

/**
 * This member's contribution to a joint SM2 key: a number dealt to all members, each share wrapped for its member alone, signed. Send it to all
 * members, by any way; when each has everybody's, each assembles its hold on the key. No one ever has the private key.
 *
 * @returns one line of text.
 * @throws OrlopError `USAGE` when this client is no member, or members or threshold are not as they must be; `RECIPIENT_KEY_CHANGED`;
 *   `NOT_ADMITTED`; `LEDGER_UNREACHABLE`.
 */
export async function contributeToJointKey(
  outer: ClientContext,
  request: JointKeyRequest,
  options: ActionOptions = {},
): Promise<string> {
  const context = contextFor(outer, options)
  const { ceremonyId, threshold, trustNewKeys } = request
  const members = request.members.map(recipientIdOf)
  assertMembers(members, threshold)
  const party = members.indexOf(context.identity.clientId) + 1
  if (party === 0) throw usage('This client is not among the members. Name it where it belongs.')
  const keys: Uint8Array[] = []
  for (const member of request.members) {
    keys.push(await trustedOpeningKey(context, member, { trustNewKeys, ...signalOf(options) }))
  }
  const quorum = { ceremonyId, threshold, parties: members.length }
  const { contribution, shares } = contribute(party, quorum)
  const gifts = keys.map((recipientKey, at) => {
    const binding = shareBinding(ceremonyId, party, at + 1)
    return wrapGift({ secret: shares[at] ?? new Uint8Array(0), recipientKey, binding })
  })
  wipe(...shares)
  const member = { ceremonyId, threshold, members, ...contribution, gifts }
  const content = encodeContribution(member)
  const { ledgerSecretKey } = context.identity.keySet
  const signature = signDigest(contributionDigest(content), ledgerSecretKey)
  return formatMessage(contributionMessage, { content, contribution: member, signature })
}

function assertMembers(members: readonly number[], threshold: number): void {
  const count = members.length
  if (count < 2 || count > MAX_MEMBERS || new Set(members).size !== count) {
    throw usage(`A joint key has 2 to ${MAX_MEMBERS} members, each named once.`)
  }
  if (Number.isInteger(threshold) && threshold >= 2 && threshold <= count) return
  throw usage(`The threshold is from 2 to ${count}, as many as there are members.`)
}

function usage(message: string): OrlopError {
  return new OrlopError('USAGE', message)
}
