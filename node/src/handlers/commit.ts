import { equalConstantTime } from '@orlop/crypto/bytes'
import { OrlopError } from '@orlop/protocol/errors'
import type { SignedCommit, SignedOffer } from '@orlop/protocol/messages/storing'
import { type CommitRequest, commitRequest } from '@orlop/protocol/wire/commit'
import type { ChannelHandler } from '@orlop/transport/transport'
import {
  assertCommitSigned,
  assertWholeObject,
  assertWithinOffer,
  checkEnvelope,
} from '../network/commit-check.ts'
import { CommitSession } from '../network/commit-session.ts'
import type { NodeParts } from '../network/node-parts.ts'
import { requireClient } from '../network/peer-gate.ts'
import { receiveValue, sendValue } from '../network/wire.ts'

/**
 * `commit`: checks the client's word for every strip, makes its own strip final, has the others spread, and passes on their Acks.
 * The same commit again continues where it stands.
 */
export function createCommitHandler(parts: NodeParts): ChannelHandler {
  const { storage, spreader, signer, meter } = parts
  return async (channel) => {
    const request = await receiveValue(channel, commitRequest)
    const own = await check(parts, request, (clientId) => requireClient(channel, clientId))
    const others = request.commits.filter((commit) => commit !== own)
    const offer = await offerOf(parts, own)
    await storage.envelopes.put(own.message, request.envelope)
    const record = await storage.strips.keep(own, (storedAtMs) => signer.ack(own, storedAtMs))
    // Before the Ack: from then on the client may rely on this node to bring the other strips to their nodes.
    await spreader.add(await notUnderWay(parts, others), offer ?? undefined)
    meter.add('commits_total', 1)
    await sendValue(channel, { index: own.message.index, ack: record.ack })
    await new CommitSession(parts, { channel, commits: others, offer }).follow()
  }
}

/** @returns this node's own commit among the checked ones. */
async function check(
  parts: NodeParts,
  { commits, envelope }: CommitRequest,
  requireSender: (clientId: number) => void,
): Promise<SignedCommit> {
  const { nodeId, ledger, storage } = parts
  const own = commits.find(({ message }) => message.nodeId === nodeId)
  if (own === undefined) {
    throw new OrlopError(
      'COMMIT_INVALID',
      `No strip is committed to this node (${nodeId}). Send the commits to the ingress node of the object.`,
    )
  }
  requireSender(own.message.clientId)
  assertWholeObject(commits)
  for (const commit of commits) await assertCommitSigned(ledger, commit)
  const { clientId } = own.message
  await checkEnvelope({ ledger, envelopes: storage.envelopes }, envelope, {
    clientId,
    commit: own.message,
  })
  return own
}

/**
 * The offer behind a commit: with the reservation until the strip is stored, with its spread jobs afterwards.
 *
 * @throws OrlopError `RESERVATION_EXCEEDED`, `COMMIT_INVALID` when the commit goes beyond it; `RESERVATION_UNKNOWN`, `OBJECT_REMOVED`
 * when there is neither reservation nor strip: nothing may be kept for such a commit.
 */
async function offerOf(parts: NodeParts, own: SignedCommit): Promise<SignedOffer | null> {
  const { storage, clock } = parts
  const held = await storage.reservations.find(own.message)
  if (held === null) {
    await storage.strips.assertExpected(own.message)
    const jobs = await storage.spreads.ofObject(own.message)
    return jobs.find(({ offer }) => offer !== undefined)?.offer ?? null
  }
  const { maxBytes, offer } = held
  assertWithinOffer(own, offer, { maxBytes, nowMs: clock.nowMs() })
  return offer
}

/** Leaves out what an earlier connection of the same client has set going. */
async function notUnderWay(
  { storage }: NodeParts,
  commits: SignedCommit[],
): Promise<SignedCommit[]> {
  const [first] = commits
  if (first === undefined) return []
  const jobs = await storage.spreads.ofObject(first.message)
  return commits.filter(
    (commit) => !jobs.some((job) => equalConstantTime(job.commit.signature, commit.signature)),
  )
}
