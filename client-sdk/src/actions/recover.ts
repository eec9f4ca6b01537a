import { wipe } from '@orlop/crypto/bytes'
import { ERROR_CODES, type ErrorCode } from '@orlop/protocol/error-codes'
import { isOrlopError, throwIfAborted } from '@orlop/protocol/errors'
import { formatObjectId } from '@orlop/protocol/ids'
import type { ObjectEvent, Receipt } from '@orlop/protocol/ledger-records'
import { type ActionOptions, contextFor, signalOf } from '../action-options.ts'
import type { ClientContext } from '../context.ts'
import { entryOfObject } from '../retrieve/entry-of-object.ts'
import { newestEnvelope } from '../retrieve/newest-envelope.ts'
import { composeView, type ObjectView } from '../retrieve/object-view.ts'
import { openEnvelope } from '../retrieve/open-envelope.ts'

/** Objects whose envelopes are fetched at the same time. */
const CONCURRENT_OBJECTS = 8

/** An object that is on the ledger and could not be opened. */
export interface Unrecovered {
  readonly objectId: string
  readonly code: ErrorCode
  readonly reason: string
}

/** What `recover` found. */
export interface Recovery {
  /** Objects of this client on the ledger, removed ones not counted. */
  readonly objects: number
  /** How many are in the catalogue now. */
  readonly recovered: number
  readonly failures: readonly Unrecovered[]
}

/**
 * Rebuilds the catalogue from the client's keys and the ledger alone: every receipt of this client, then every object's newest
 * envelope. Objects shared by others are not found this way, since the ledger does not say with whom an object is shared.
 *
 * @throws OrlopError `NOT_ADMITTED` when the ledger does not know the client; `LEDGER_UNREACHABLE`; `ABORTED`.
 */
export async function recover(
  outer: ClientContext,
  options: ActionOptions = {},
): Promise<Recovery> {
  const context = contextFor(outer, options)
  const { identity, ledger, home } = context
  await identity.refresh(ledger, signalOf(options))
  const ownerId = identity.clientId
  const head = await ledger.head(signalOf(options))
  const views = await ownViews(context, ownerId, options)
  const failures: Unrecovered[] = []
  const recoverOne = async (view: ObjectView) => {
    try {
      await recoverObject(context, view, options)
    } catch (error) {
      throwIfAborted(options.signal, 'Recovering the catalogue')
      if (!isOrlopError(error)) throw error
      const objectId = formatObjectId(view.objectId)
      failures.push({ objectId, code: error.code, reason: error.message })
    }
  }
  await forEachLimited(views, CONCURRENT_OBJECTS, recoverOne)
  // What may succeed later is looked for again next time.
  if (!failures.some(({ code }) => ERROR_CODES[code].retry)) {
    const { blockNumber, blockHash } = head
    await home.catalogue.setSyncedTo({ blockNumber, blockHash })
  }
  const objects = views.filter(({ isRemoved }) => !isRemoved).length
  return { objects, recovered: objects - failures.length, failures }
}

/** Every object of one owner, as the ledger shows it. */
async function ownViews(
  context: ClientContext,
  ownerId: number,
  options: ActionOptions,
): Promise<ObjectView[]> {
  const { ledger, home } = context
  const receipts = new Map<string, Receipt[]>()
  const events = new Map<string, ObjectEvent[]>()
  for await (const receipt of ledger.receipts({ clientId: ownerId }, signalOf(options))) {
    append(receipts, formatObjectId(receipt.objectId), receipt)
  }
  for await (const event of ledger.objectEvents({ clientId: ownerId }, signalOf(options))) {
    append(events, formatObjectId(event.objectId), event)
  }
  const views: ObjectView[] = []
  for (const [name, own] of receipts) {
    const objectId = own[0]?.objectId ?? new Uint8Array()
    const entry = await home.catalogue.get(objectId, ownerId)
    const facts = { objectId, ownerId, receipts: own, events: events.get(name) ?? [], entry }
    views.push(composeView(facts))
  }
  return views
}

async function recoverObject(
  context: ClientContext,
  view: ObjectView,
  options: ActionOptions,
): Promise<void> {
  const { catalogue } = context.home
  const known = await catalogue.get(view.objectId, view.ownerId)
  if (view.isRemoved) {
    if (known !== null) await catalogue.put({ ...known, state: 'removed', strips: [] })
    return
  }
  const checked = await newestEnvelope(context, view, options)
  const opened = await openEnvelope(context, view, { checked })
  wipe(opened.dataKey)
  await catalogue.put(entryOfObject({ view, opened }, known))
}

function append<T>(lists: Map<string, T[]>, name: string, item: T): void {
  const list = lists.get(name)
  if (list === undefined) lists.set(name, [item])
  else list.push(item)
}

async function forEachLimited<T>(
  items: readonly T[],
  limit: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const left = items.values()
  const worker = async () => {
    for (const item of left) await work(item)
  }
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker))
}
