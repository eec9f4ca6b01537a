import { equalConstantTime } from '@orlop/crypto/bytes'
import { isOrlopError, OrlopError } from '@orlop/protocol/errors'
import { formatObjectId } from '@orlop/protocol/ids'
import type { ObjectEvent, Receipt } from '@orlop/protocol/ledger-records'
import { EVERY_STRIP } from '@orlop/protocol/limits'
import { type ActionOptions, signalOf } from '../action-options.ts'
import type { ClientContext } from '../context.ts'
import type { CatalogueEntry } from '../home/catalogue.ts'
import { collect } from './collect.ts'

/** A strip and the node that holds it. */
export interface StripHolder {
  readonly index: number
  readonly nodeId: number
  readonly sequence: number
  /** 32 bytes. */
  readonly root: Uint8Array
  /** Null before the receipt is on the ledger. */
  readonly transactionHash: string | null
}

/** Everything public about one object: what the ledger says, or for the owner's own objects the nodes' signed promises. */
export interface ObjectView {
  readonly objectId: Uint8Array
  readonly ownerId: number
  readonly headerHash: Uint8Array
  readonly streamBytes: number
  readonly level: number
  readonly classCode: number
  /** Unix seconds. */
  readonly expiry: number
  /** When the first receipt was recorded, wall milliseconds; 0 before. */
  readonly recordedMs: number
  /** Where strips are now: moved ones at their new node, removed ones left out. */
  readonly holders: readonly StripHolder[]
  readonly isRemoved: boolean
  /** The newest envelope that the ledger has fixed; null when none is. */
  readonly anchor: { readonly version: number; readonly envelopeHash: Uint8Array } | null
}

/** Which object; without an owner all of that name, this client's own first. */
export interface ObjectQuery {
  readonly objectId: Uint8Array
  readonly ownerId?: number
}

/**
 * Finds an object by the ledger, and by this client's catalogue where the ledger is away or does not have it yet.
 *
 * @returns one view for each owner, since two clients' objects never meet; at least one.
 * @throws OrlopError `OBJECT_NOT_FOUND`; `LEDGER_UNREACHABLE` when neither ledger nor catalogue can say.
 */
export async function findViews(
  context: ClientContext,
  query: ObjectQuery,
  options: ActionOptions = {},
): Promise<ObjectView[]> {
  const known = await catalogueEntries(context, query)
  let receipts: Receipt[] = []
  let events: ObjectEvent[] = []
  try {
    const filter = {
      objectId: query.objectId,
      ...(query.ownerId === undefined ? {} : { clientId: query.ownerId }),
    }
    ;[receipts, events] = await Promise.all([
      collect(context.ledger.receipts(filter, signalOf(options))),
      collect(context.ledger.objectEvents(filter, signalOf(options))),
    ])
  } catch (error) {
    if (!isOrlopError(error, 'LEDGER_UNREACHABLE') || known.length === 0) throw error
  }
  const owners = new Set([
    ...known.map(({ ownerId }) => ownerId),
    ...receipts.map(({ clientId }) => clientId),
  ])
  if (owners.size === 0) throw objectNotFound(query.objectId)
  const ownId = context.identity.record?.clientId ?? 0
  return [...owners]
    .sort((left, right) => Number(right === ownId) - Number(left === ownId))
    .map((ownerId) =>
      composeView({
        objectId: query.objectId,
        ownerId,
        receipts: receipts.filter(({ clientId }) => clientId === ownerId),
        events: events.filter(({ clientId }) => clientId === ownerId),
        entry: known.find((entry) => entry.ownerId === ownerId) ?? null,
      }),
    )
}

export interface ViewFacts {
  readonly objectId: Uint8Array
  readonly ownerId: number
  /** Of this object and owner only. */
  readonly receipts: readonly Receipt[]
  readonly events: readonly ObjectEvent[]
  readonly entry: CatalogueEntry | null
}

/** Puts together what ledger and catalogue say of one object. @throws OrlopError `OBJECT_NOT_FOUND` when neither knows it. */
export function composeView(facts: ViewFacts): ObjectView {
  const { objectId, ownerId, events, entry } = facts
  const newest = facts.receipts.at(-1)
  const headerHash = newest?.headerHash ?? entry?.headerHash
  if (headerHash === undefined) throw objectNotFound(objectId)
  const receipts = facts.receipts.filter((receipt) =>
    equalConstantTime(receipt.headerHash, headerHash),
  )
  const removed = new Set<number>()
  for (const event of events) if (event.kind === 'removed') removed.add(event.index)
  const holders = holdersOf(facts, receipts)
  const isRemoved =
    entry?.state === 'removed' ||
    removed.has(EVERY_STRIP) ||
    (holders.length > 0 && holders.every(({ index }) => removed.has(index)))
  const expiries = events.map((event) => (event.kind === 'extended' ? event.expiry : 0))
  return {
    objectId,
    ownerId,
    headerHash,
    streamBytes: newest?.streamBytes ?? entry?.sealedBytes ?? 0,
    level: newest?.level ?? entry?.level ?? 0,
    classCode: newest?.classCode ?? entry?.classCode ?? 0,
    expiry: Math.max(newest?.expiry ?? 0, entry?.expiry ?? 0, ...expiries),
    recordedMs: receipts[0]?.position.blockTimeMs ?? 0,
    holders: isRemoved ? [] : holders.filter(({ index }) => !removed.has(index)),
    isRemoved,
    anchor: newestAnchor(events),
  }
}

function holdersOf(facts: ViewFacts, receipts: readonly Receipt[]): StripHolder[] {
  const gone = new Set<string>()
  for (const event of facts.events) {
    if (event.kind === 'moved') gone.add(`${event.fromNodeId}/${event.fromSequence}`)
  }
  const holders = new Map<string, StripHolder>()
  for (const strip of facts.entry?.strips ?? []) {
    const transactionHash = strip.transactionHash ?? null
    holders.set(`${strip.nodeId}/${strip.sequence}`, { ...strip, transactionHash })
  }
  for (const { index, nodeId, sequence, root, position } of receipts) {
    const { transactionHash } = position
    holders.set(`${nodeId}/${sequence}`, { index, nodeId, sequence, root, transactionHash })
  }
  return [...holders].filter(([name]) => !gone.has(name)).map(([, holder]) => holder)
}

function newestAnchor(events: readonly ObjectEvent[]): ObjectView['anchor'] {
  let anchor: ObjectView['anchor'] = null
  for (const event of events) {
    if (event.kind !== 'envelope') continue
    if (anchor === null || event.version >= anchor.version) {
      anchor = { version: event.version, envelopeHash: event.envelopeHash }
    }
  }
  return anchor
}

/** The owner's entry where an owner is given; else this client's own, or those of others that shared theirs. */
async function catalogueEntries(
  context: ClientContext,
  { objectId, ownerId }: ObjectQuery,
): Promise<CatalogueEntry[]> {
  const wantedId = ownerId ?? context.identity.record?.clientId ?? 0
  const entry = await context.home.catalogue.get(objectId, wantedId)
  if (entry !== null) return [entry]
  if (ownerId !== undefined) return []
  const all = await collect(context.home.catalogue.entries())
  return all.filter((one) => equalConstantTime(one.objectId, objectId))
}

function objectNotFound(objectId: Uint8Array): OrlopError {
  return new OrlopError(
    'OBJECT_NOT_FOUND',
    `${formatObjectId(objectId)} is neither on the ledger nor in this client's catalogue. Check the name; an object stored a moment ago by somebody else appears when its receipts are recorded.`,
  )
}
