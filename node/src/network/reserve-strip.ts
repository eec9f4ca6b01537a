import type {
  SignedOffer,
  SignedRefusal,
  SignedReservation,
} from '@orlop/protocol/messages/storing'
import { admittedOrFresh } from './admitted-or-fresh.ts'
import { importanceOfClass } from './class-importance.ts'
import type { NodeParts } from './node-parts.ts'

/** Room for one strip of an offer whose signature is checked: this node's signed word either way. */
export async function reserveStrip(
  parts: NodeParts,
  offer: SignedOffer,
  index: number,
): Promise<{ reservation: SignedReservation } | { refusal: SignedRefusal }> {
  const { storage, signer, ledger, nodeId, clock, meter } = parts
  const { clientId } = offer.message
  const client = await admittedOrFresh((isFresh) => ledger.client(clientId, isFresh))
  const node = await admittedOrFresh((isFresh) => ledger.node(nodeId, isFresh))
  const outcome = await storage.reservations.reserve({
    offer,
    index,
    parties: {
      clientState: client?.state ?? null,
      clientMinimumImportance: client?.minimumImportance ?? 0,
      nodeState: node?.state ?? 'pending',
      nodeTier: node?.tier ?? 'light',
      importance: importanceOfClass(offer.message.classCode),
    },
  })
  meter.add(outcome.accepted ? 'offers_accepted_total' : 'offers_refused_total', 1)
  if (outcome.accepted) return { reservation: signer.reservation(outcome.reservation) }
  const { reason, retryAfterMs } = outcome
  return {
    refusal: signer.refusal(offer.message, { reason, retryAfterMs, nowMs: clock.nowMs() }),
  }
}
