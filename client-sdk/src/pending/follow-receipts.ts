import { throwIfAborted } from '@orlop/protocol/errors'
import { formatObjectId } from '@orlop/protocol/ids'
import type { ClientContext } from '../context.ts'
import type { CatalogueEntry } from '../home/catalogue.ts'
import type { AwaitedReceipt, PendingReceipts } from '../home/pending-store.ts'
import { rateReceipt } from '../rating/rate-receipt.ts'
import { asLate } from '../rating/score.ts'
import type { LedgerLook } from '../retrieve/refresh-entry.ts'
import { handedOn, MAX_HANDINGS, nextHandingMs } from './handing.ts'
import { relayToFirst } from './relay-to-first.ts'

/**
 * Follows the receipts of an own object until the ledger shows them. A receipt that is there is rated. One that a readable ledger has
 * not shown for `receiptPatienceMs` is withheld by its node: another node is given the commit with the Ack to put there, and the
 * rating becomes one for recording late.
 *
 * @throws OrlopError `ABORTED`.
 */
export async function followReceipts(
  context: ClientContext,
  { entry, receipts }: LedgerLook,
  options: { readonly signal?: AbortSignal } = {},
): Promise<void> {
  const { pending: store, clockOffset } = context.home
  const pending = await store.receiptsOf(entry.objectId)
  if (pending === null) return
  if (entry.state === 'removed') return store.delete(pending)
  if (receipts === null) {
    // Whose receipts are missing cannot be told while the ledger is away: patience begins anew.
    return pending.missedMs === null ? undefined : store.put({ ...pending, missedMs: null })
  }
  const isShown = ({ nodeId, sequence }: AwaitedReceipt) =>
    receipts.some((receipt) => receipt.nodeId === nodeId && receipt.sequence === sequence)
  for (const one of pending.receipts.filter(isShown)) await rateOnce(context, one)
  const missing = pending.receipts.filter((one) => !isShown(one))
  if (missing.length === 0) return store.delete(pending)
  const missedMs = pending.missedMs ?? clockOffset.nowMs()
  const left = { ...pending, receipts: missing, missedMs }
  if (missing.length < pending.receipts.length || pending.missedMs === null) await store.put(left)
  await relayWhenLate(context, { entry, pending: left, missedMs }, options)
}

/** The automatic rating, unless a person or a read has rated this receipt before. */
async function rateOnce(context: ClientContext, receipt: AwaitedReceipt): Promise<void> {
  if ((await context.home.pending.ratingOf(receipt)) !== null) return
  await rateReceipt(context, receipt, receipt)
}

interface Missing {
  readonly entry: CatalogueEntry
  readonly pending: PendingReceipts
  readonly missedMs: number
}

async function relayWhenLate(
  context: ClientContext,
  { entry, pending, missedMs }: Missing,
  options: { readonly signal?: AbortSignal },
): Promise<void> {
  const { home, settings } = context
  const nowMs = home.clockOffset.nowMs()
  if (nowMs - missedMs < settings.receiptPatienceMs) return
  if (nowMs < nextHandingMs(context, pending)) return
  const handings = pending.handedToNodeIds.length
  // What so many nodes could not put there the ledger does not take: its time has run out, say.
  if (handings >= MAX_HANDINGS) return home.pending.delete(pending)
  const late = pending.receipts.map((receipt) => ({ ...receipt, ...asLate(receipt) }))
  // Before anything else: who withholds a receipt is rated for it, whoever brings it.
  await home.pending.put({ ...pending, receipts: late })
  const taken: number[] = []
  for (const receipt of late) {
    throwIfAborted(options.signal, 'Handing on receipts')
    taken.push(...(await relayOne(context, { entry, pending, receipt }, options)))
  }
  if (taken.length === 0) return
  await home.pending.put({ ...pending, receipts: late, ...handedOn(pending, taken, nowMs) })
}

async function relayOne(
  context: ClientContext,
  late: {
    readonly entry: CatalogueEntry
    readonly pending: PendingReceipts
    readonly receipt: AwaitedReceipt
  },
  options: { readonly signal?: AbortSignal },
): Promise<number[]> {
  const { nodeId, sequence } = late.receipt
  const strip = late.entry.strips.find(
    (one) => one.nodeId === nodeId && one.sequence === sequence && one.ack !== undefined,
  )
  if (strip === undefined) return []
  const { commit, ack } = strip
  const taken = await relayToFirst(
    context,
    { receipt: { commit, ack } },
    { ...options, withoutNodeId: nodeId, handedToNodeIds: late.pending.handedToNodeIds },
  )
  if (taken.length === 0) return taken
  const node = (await context.directory.known()).find((one) => one.nodeId === nodeId)
  context.events.emit({
    type: 'withheld',
    objectName: formatObjectId(late.entry.objectId),
    node: { nodeId, name: node?.name ?? `node ${nodeId}` },
  })
  return taken
}
