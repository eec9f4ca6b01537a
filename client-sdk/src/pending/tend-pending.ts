import { isOrlopError, throwIfAborted } from '@orlop/protocol/errors'
import type { NodeRecord } from '@orlop/protocol/ledger-records'
import { relayAccepted } from '@orlop/protocol/wire/relay'
import type { ClientContext } from '../context.ts'
import type { PendingMessage } from '../home/pending-store.ts'
import { putEnvelope } from '../envelope/put-envelope.ts'
import { deliverToHolders } from './deliver-to-holders.ts'
import { shownOnLedgerMs } from './shown-on-ledger.ts'

/** Who took a message has it durably; handing it on again is for the case that this node is lost. */
const MAX_HANDINGS = 8

/**
 * Hands on the client's own signed messages and forgets those that the ledger holds for good. A rating goes to any node but the one
 * it rates. What no node takes now is kept for the next time.
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
  const pauseMs = handings === 0 ? 0 : settings.finalAfterMs * 2 ** (handings - 1)
  if (nowMs - pending.handedMs < pauseMs) return
  const taken = await handOn(context, pending, options)
  if (taken.length === 0) return
  const handedToNodeIds = [...pending.handedToNodeIds, ...taken].slice(-MAX_HANDINGS)
  await home.pending.put({ ...pending, handedToNodeIds, handedMs: nowMs })
}

/** @returns the nodes that took the message. */
async function handOn(
  context: ClientContext,
  pending: PendingMessage,
  options: { readonly signal?: AbortSignal },
): Promise<number[]> {
  if (pending.kind === 'rating') return relayRating(context, pending, options)
  if (pending.kind === 'anchor') {
    const nodes = await relayOrder(context, null, options)
    return relayToFirst(context, { anchorEnvelope: pending.update }, { nodes, ...options })
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
  const { rating } = pending
  const { nodeId, score } = rating.message
  const nodes = await relayOrder(context, nodeId, options)
  const taken = await relayToFirst(context, { rating }, { nodes, ...options })
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

/** Connected nodes first; never the one that must not know or could hold it back. */
async function relayOrder(
  context: ClientContext,
  withoutNodeId: number | null,
  options: { readonly signal?: AbortSignal },
): Promise<NodeRecord[]> {
  const connected = new Set(context.network.connectedNodeIds)
  const nodes = (await context.directory.all(options)).filter(
    ({ nodeId, state }) => nodeId !== withoutNodeId && state !== 'retired' && state !== 'pending',
  )
  const isFar = ({ nodeId }: NodeRecord) => (connected.has(nodeId) ? 0 : 1)
  return nodes.sort((left, right) => isFar(left) - isFar(right))
}

async function relayToFirst(
  context: ClientContext,
  request: object,
  options: { readonly nodes: readonly NodeRecord[]; readonly signal?: AbortSignal },
): Promise<number[]> {
  const { nodes, ...rest } = options
  for (const node of nodes) {
    try {
      const call = { verb: 'relay', request, answer: relayAccepted } as const
      await context.network.call(node, call, rest)
      return [node.nodeId]
    } catch (error) {
      throwIfAborted(options.signal, 'Handing on messages')
      if (!isOrlopError(error)) throw error
    }
  }
  return []
}
