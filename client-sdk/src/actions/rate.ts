import { OrlopError } from '@orlop/protocol/errors'
import { formatObjectId } from '@orlop/protocol/ids'
import type { RatingCause } from '@orlop/protocol/messages/keeping'
import { type ActionOptions, contextFor, signalOf } from '../action-options.ts'
import type { ClientContext } from '../context.ts'
import { shownOnLedgerMs } from '../pending/shown-on-ledger.ts'
import { tendPending } from '../pending/tend-pending.ts'
import { rateReceipt } from '../rating/rate-receipt.ts'
import { objectIdOf } from '../retrieve/open-object.ts'

/** A client's judgement of one node for one object. */
export interface RateRequest {
  readonly objectId: Uint8Array | string
  /** Which of the object's nodes. */
  readonly nodeId: number
  /** 1 (bad) to 5 (good). */
  readonly score: number
  /** The reason the ledger shows; `client-judgement` when left out. */
  readonly cause?: RatingCause
}

/**
 * Rates one node for one stored object, in place of the automatic rating while that is not on the ledger yet. The signed rating
 * goes out through another node and is kept until the ledger shows it.
 *
 * @throws RangeError when the score is not 1 to 5.
 * @throws OrlopError `OBJECT_NOT_FOUND` when the catalogue has no such object or the node holds none of it; `ALREADY_EXISTS` when
 *   the ledger has a rating of this receipt already.
 */
export async function rate(
  outer: ClientContext,
  request: RateRequest,
  options: ActionOptions = {},
): Promise<void> {
  const context = contextFor(outer, options)
  const { nodeId, score, cause = 'client-judgement' } = request
  if (!Number.isInteger(score) || score < 1 || score > 5) {
    throw new RangeError(`score: expected 1 to 5, got ${score}`)
  }
  const objectId = objectIdOf(request.objectId)
  const entry = await context.home.catalogue.get(objectId, context.identity.clientId)
  const strip = entry?.strips.find((one) => one.nodeId === nodeId)
  if (strip === undefined) {
    throw new OrlopError(
      'OBJECT_NOT_FOUND',
      `Node ${nodeId} holds no receipt of ${formatObjectId(objectId)} in this client's catalogue. 'status' shows the object's nodes.`,
      { details: { nodeId } },
    )
  }
  const earlier = (await context.home.pending.all()).find(
    (pending) =>
      pending.kind === 'rating' &&
      pending.rating.message.nodeId === nodeId &&
      pending.rating.message.sequence === strip.sequence,
  )
  const pending = await rateReceipt(context, strip, { score, cause })
  if ((await shownOnLedgerMs(context, pending, signalOf(options)).catch(() => null)) !== null) {
    if (earlier === undefined) await context.home.pending.delete(pending)
    else await context.home.pending.put(earlier)
    throw new OrlopError(
      'ALREADY_EXISTS',
      `The ledger holds a rating of node ${nodeId} for ${formatObjectId(objectId)} already; a receipt is rated once.`,
      { details: { nodeId } },
    )
  }
  await tendPending(context, signalOf(options))
}
