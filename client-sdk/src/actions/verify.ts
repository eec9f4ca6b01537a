import { equalConstantTime, wipe } from '@orlop/crypto/bytes'
import { isOrlopError, OrlopError } from '@orlop/protocol/errors'
import { formatObjectId } from '@orlop/protocol/ids'
import { type ActionOptions, contextFor } from '../action-options.ts'
import type { ClientContext } from '../context.ts'
import { sealedRoot } from '../pipeline/sealed-root.ts'
import { findViews, type ObjectView, type StripHolder } from '../retrieve/object-view.ts'
import {
  objectIdOf,
  type OpenedObject,
  openObject,
  type OpenRequest,
} from '../retrieve/open-object.ts'
import { objectRemoved } from '../retrieve/object-removed.ts'
import { readPlain } from '../retrieve/read-plain.ts'
import { StripFetcher } from '../retrieve/strip-fetcher.ts'

/** What was found of one copy. */
export interface VerifiedStrip {
  readonly index: number
  readonly nodeId: number
  readonly nodeName: string
  /** Null before the receipt is on the ledger. */
  readonly txHash: string | null
  /** `sound`: every byte was fetched from this node and fits its receipt. */
  readonly result: 'sound' | 'damaged' | 'unreachable'
  /** What is wrong; null for a sound one. */
  readonly reason: string | null
}

/** What `verify` found. */
export interface Verification {
  readonly objectId: string
  /** Every copy is sound. */
  readonly isSound: boolean
  /** Whether the plaintext was opened and compared too, or, without a key, the sealed bytes with their receipts only. */
  readonly isOpened: boolean
  readonly strips: readonly VerifiedStrip[]
}

/**
 * Fetches every copy of an object from its node and checks it against its receipt on the ledger, byte for byte; where this client
 * can open it, the plaintext too. Damage is told in the result, not thrown.
 *
 * @throws OrlopError `OBJECT_NOT_FOUND`, `OBJECT_REMOVED`, `LEDGER_UNREACHABLE`, `ABORTED`.
 */
export async function verify(
  outer: ClientContext,
  request: OpenRequest,
  options: ActionOptions = {},
): Promise<Verification> {
  const context = contextFor(outer, options)
  const object = await openIfPossible(context, request, options)
  const view = object?.view ?? (await firstView(context, request, options))
  if (view.isRemoved) throw objectRemoved(view.objectId)
  const strips: VerifiedStrip[] = []
  try {
    for (const holder of view.holders) {
      strips.push(await verifyStrip(context, { view, holder, object }, options))
    }
  } finally {
    if (object !== null) wipe(object.opened.dataKey)
  }
  return {
    objectId: formatObjectId(view.objectId),
    isSound: strips.length > 0 && strips.every(({ result }) => result === 'sound'),
    isOpened: object !== null,
    strips,
  }
}

async function openIfPossible(
  context: ClientContext,
  request: OpenRequest,
  options: ActionOptions,
): Promise<OpenedObject | null> {
  try {
    return await openObject(context, request, options)
  } catch (error) {
    const isKeyless = ['WRONG_KEY', 'ENVELOPE_INVALID', 'ENVELOPE_ROLLED_BACK', 'NODE_UNREACHABLE']
    if (isOrlopError(error) && isKeyless.includes(error.code)) return null
    throw error
  }
}

async function firstView(
  context: ClientContext,
  request: OpenRequest,
  options: ActionOptions,
): Promise<ObjectView> {
  const objectId = objectIdOf(request.objectId)
  const { ownerId } = request
  const query = ownerId === undefined ? { objectId } : { objectId, ownerId }
  const [view] = await findViews(context, query, options)
  if (view === undefined) throw new RangeError('views: expected at least one')
  return view
}

async function verifyStrip(
  context: ClientContext,
  subject: {
    readonly view: ObjectView
    readonly holder: StripHolder
    readonly object: OpenedObject | null
  },
  options: ActionOptions,
): Promise<VerifiedStrip> {
  const { holder, object } = subject
  const view: ObjectView = { ...subject.view, holders: [holder] }
  const nodes = await context.directory.known()
  const node = nodes.find(({ nodeId }) => nodeId === holder.nodeId)
  const facts = {
    index: holder.index,
    nodeId: holder.nodeId,
    nodeName: node?.name ?? `node ${holder.nodeId}`,
    txHash: holder.transactionHash,
  }
  try {
    if (object === null) await readSealed(context, view, options)
    else await readAll(context, { ...object, view }, options)
    return { ...facts, result: 'sound', reason: null }
  } catch (error) {
    options.signal?.throwIfAborted()
    if (!isOrlopError(error)) throw error
    const isAway = error.code === 'NODE_UNREACHABLE' || error.code === 'TIMEOUT'
    return { ...facts, result: isAway ? 'unreachable' : 'damaged', reason: error.message }
  }
}

async function readAll(
  context: ClientContext,
  object: OpenedObject,
  options: ActionOptions,
): Promise<void> {
  const range = { start: 0, end: object.opened.manifest.plainBytes }
  const pieces = readPlain(context, object, range, options)
  while ((await pieces.next()).done !== true) continue
}

async function readSealed(
  context: ClientContext,
  view: ObjectView,
  options: ActionOptions,
): Promise<void> {
  const signal = options.signal ?? new AbortController().signal
  const pieces = new StripFetcher(context, view).fetch({ start: 0, end: view.streamBytes }, signal)
  const root = await sealedRoot(pieces, context.crews.threads)
  if (view.holders.every((holder) => equalConstantTime(holder.root, root))) return
  throw new OrlopError(
    'STRIP_DAMAGED',
    `The bytes fetched for ${formatObjectId(view.objectId)} do not have the Merkle root of its receipt. Tell the node's operator.`,
  )
}
