import { RATING_CAUSES, ratingType } from '@orlop/protocol/messages/keeping'
import type { ClientContext } from '../context.ts'
import type { PendingRating } from '../home/pending-store.ts'
import type { Score } from './score.ts'

/** Signs a rating and keeps it until the ledger shows it; it is handed on by `tendPending`. */
export async function rateReceipt(
  context: ClientContext,
  receipt: { readonly nodeId: number; readonly sequence: number },
  score: Score,
): Promise<PendingRating> {
  const rating = context.identity.sign(ratingType, {
    nodeId: receipt.nodeId,
    sequence: receipt.sequence,
    clientId: context.identity.clientId,
    score: score.score,
    causeCode: RATING_CAUSES[score.cause],
  })
  const pending: PendingRating = { kind: 'rating', rating, handedToNodeIds: [], handedMs: 0 }
  await context.home.pending.put(pending)
  return pending
}
