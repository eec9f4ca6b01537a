import { isOrlopError, throwIfAborted } from '@orlop/protocol/errors'
import type { ClientContext } from '../context.ts'
import type { PendingMessage, PendingReceipts } from '../home/pending-store.ts'
import { putEnvelope } from '../envelope/put-envelope.ts'
import { lookAtLedger } from '../retrieve/refresh-entry.ts'
import { deliverToHolders } from './deliver-to-holders.ts'
import { followReceipts } from './follow-receipts.ts'
import { handedOn, MAX_HANDINGS, nextHandingMs } from './handing.ts'
import { relayToFirst } from './relay-to-first.ts'
import { shownOnLedgerMs } from './shown-on-ledger.ts'

/**
 * Hands on the client's own signed messages and forgets those that the ledger holds for good; looks for receipts that are awaited. A
 * rating goes to any node but the one it rates. What no node takes now is kept for the next time.
 *
 * @throws OrlopError `ABORTED` on the signal. A ledger or node that is away is no error.
 */
export async function tendPending(
  context: ClientContext,
  options: { readonly signal?: AbortSignal } = {},
): Promise<void> {
  for (const pending of await context.home.pending.all()) {
    throwIfAborted(options.signal, 'Handing on messages')
    try {
      await tendOne(context, pending, options)
    } catch (error) {
      throwIfAborted(options.signal, 'Handing on messages')
      if (!isOrlopError(error)) throw error
      context.logger.debug({ kind: pending.kind, code: error.code }, 'a message waits')
    }
  }
}

async function tendOne(
  context: ClientContext,
  pending: PendingMessage,
  options: { readonly signal?: AbortSignal },
): Promise<void> {
  if (pending.kind === 'receipts') return tendReceipts(context, pending, options)
  const { home, settings } = context
  const nowMs = home.clockOffset.nowMs()
  const handings = pending.handedToNodeIds.length
  // Too young to be final, and not due again: nothing on the ledger would change what is to be done.
  if (handings > 0 && nowMs - pending.handedMs < settings.finalAfterMs) return
  // Looking is dear, and a rating that was never handed on is not there.
  const isNewRating = handings === 0 && pending.kind === 'rating'
  const shownMs = isNewRating ? null : await shownOnLedgerMs(context, pending, options)
  if (shownMs !== null) {
    if (nowMs - shownMs >= settings.finalAfterMs) await home.pending.delete(pending)
    return
  }
  if (handings >= MAX_HANDINGS) return home.pending.delete(pending)
  if (nowMs < nextHandingMs(context, pending)) return
  const taken = await handOn(context, pending, options)
  if (taken.length > 0) await home.pending.put({ ...pending, ...handedOn(pending, taken, nowMs) })
}

/** What is found there is rated at once. */
async function tendReceipts(
  context: ClientContext,
  pending: PendingReceipts,
  options: { readonly signal?: AbortSignal },
): Promise<void> {
  const { catalogue, pending: store } = context.home
  const entry = await catalogue.get(pending.objectId, context.identity.clientId)
  if (entry === null) return store.delete(pending)
  await followReceipts(context, await lookAtLedger(context, entry, options), options)
  for (const { nodeId, sequence } of pending.receipts) {
    const rating = await store.ratingOf({ nodeId, sequence })
    if (rating !== null && rating.handedToNodeIds.length === 0)
      await tendOne(context, rating, options)
  }
}

type SignedPending = Exclude<PendingMessage, { kind: 'receipts' }>

/** @returns the nodes that took the message. */
async function handOn(
  context: ClientContext,
  pending: SignedPending,
  options: { readonly signal?: AbortSignal },
): Promise<number[]> {
  if (pending.kind === 'rating') return relayRating(context, pending, options)
  if (pending.kind === 'anchor') {
    const { update: anchorEnvelope, handedToNodeIds } = pending
    return relayToFirst(
      context,
      { anchorEnvelope },
      { ...options, withoutNodeId: null, handedToNodeIds },
    )
  }
  if (pending.kind === 'envelope') return deliverEnvelope(context, pending, options)
  // What every holder has heard is noted there; the others are told again next time.
  await deliverToHolders(context, pending, options)
  return []
}

/** Every node that has it now is crossed off; the last one ends the message. */
async function deliverEnvelope(
  context: ClientContext,
  pending: Extract<PendingMessage, { kind: 'envelope' }>,
  options: { readonly signal?: AbortSignal },
): Promise<number[]> {
  const put = await putEnvelope(context, pending, options)
  const missing = [...put.missing]
  if (missing.length === 0) await context.home.pending.delete(pending)
  else await context.home.pending.put({ ...pending, nodeIds: missing })
  return []
}

async function relayRating(
  context: ClientContext,
  pending: Extract<PendingMessage, { kind: 'rating' }>,
  options: { readonly signal?: AbortSignal },
): Promise<number[]> {
  const { rating, handedToNodeIds } = pending
  const { nodeId, score } = rating.message
  const relaying = { ...options, withoutNodeId: nodeId, handedToNodeIds }
  const taken = await relayToFirst(context, { rating }, relaying)
  const rated = (await context.directory.known()).find((node) => node.nodeId === nodeId)
  if (taken.length > 0) {
    context.events.emit({
      type: 'rated',
      objectName: '',
      node: { nodeId, name: rated?.name ?? `node ${nodeId}` },
      score,
    })
  }
  return taken
}
