import type { NodeRecord } from '@orlop/protocol/ledger-records'
import type { SignedOffer, SignedReservation } from '@orlop/protocol/messages/storing'
import type { NodeParts } from './node-parts.ts'

export interface ReserveElsewhereRequest {
  offer: SignedOffer
  index: number
  /** The node that went away; its substitute has the same tier. */
  instead: number
}

const MAX_TRIES = 4

/**
 * Finds a node that takes a strip in place of one that went away, the best credit first.
 *
 * @param used - nodes that hold or were asked for a strip of this object; those tried here are added.
 * @returns null when none does.
 */
export async function reserveElsewhere(
  parts: NodeParts,
  { offer, index, instead }: ReserveElsewhereRequest,
  used: Set<number>,
): Promise<SignedReservation | null> {
  const { ledger, dialer, limits, logger, nodeId } = parts
  const nodes = await ledger.nodes()
  const tier = nodes.find((node) => node.nodeId === instead)?.tier
  const candidates = nodes
    .filter((node) => node.state === 'admitted' && node.nodeId !== nodeId)
    .filter((node) => node.tier === tier && !used.has(node.nodeId))
    .filter((node) => node.freeBytes >= offer.message.maxBytes)
    .sort(byCreditThenRoom)
  for (const candidate of candidates.slice(0, MAX_TRIES)) {
    used.add(candidate.nodeId)
    try {
      const signal = AbortSignal.timeout(limits.gatherTimeoutMs)
      const answer = await dialer.reserve(candidate.nodeId, { offer, index }, { signal })
      if ('reservation' in answer) return answer.reservation
    } catch (error) {
      logger.debug({ nodeId: candidate.nodeId, err: error }, 'no reservation from a substitute')
    }
  }
  return null
}

function byCreditThenRoom(one: NodeRecord, other: NodeRecord): number {
  return other.creditMillionths - one.creditMillionths || other.freeBytes - one.freeBytes
}
