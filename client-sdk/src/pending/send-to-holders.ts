import { OrlopError } from '@orlop/protocol/errors'
import { formatObjectId } from '@orlop/protocol/ids'
import type { ActionOptions } from '../action-options.ts'
import { signalOf } from '../action-options.ts'
import type { ClientContext } from '../context.ts'
import type { PendingMessage } from '../home/pending-store.ts'
import { findViews, type ObjectView } from '../retrieve/object-view.ts'
import { objectRemoved } from '../retrieve/object-removed.ts'
import { deliverToHolders } from './deliver-to-holders.ts'

/** An own object that is still kept. @throws OrlopError `OBJECT_NOT_FOUND`, `OBJECT_REMOVED`. */
export async function ownKeptView(
  context: ClientContext,
  objectId: Uint8Array,
  options: ActionOptions,
): Promise<ObjectView> {
  const ownerId = context.identity.clientId
  const [view] = await findViews(context, { objectId, ownerId }, options)
  if (view === undefined) throw new RangeError('views: expected one')
  if (view.isRemoved) throw objectRemoved(objectId)
  return view
}

/** Nodes that acted on a message, and those that will be told when they are back. */
export interface TellResult {
  readonly objectId: string
  readonly nodeIds: readonly number[]
  readonly waitingNodeIds: readonly number[]
}

/**
 * Tells every node that holds an object what its owner signed, and keeps the message until the ledger shows it.
 *
 * @throws OrlopError `NODE_UNREACHABLE` when no node could be told; the message is kept and handed on later all the same.
 */
export async function sendToHolders(
  context: ClientContext,
  objectId: Uint8Array,
  message: Extract<PendingMessage, { kind: 'remove' | 'extend' }>,
  options: ActionOptions,
): Promise<TellResult> {
  await context.home.pending.put(message)
  const told = await deliverToHolders(context, message, signalOf(options))
  const waitingNodeIds = message.nodeIds.filter((nodeId) => !told.includes(nodeId))
  if (told.length > 0) {
    return { objectId: formatObjectId(objectId), nodeIds: told, waitingNodeIds }
  }
  throw new OrlopError(
    'NODE_UNREACHABLE',
    `No node that holds ${formatObjectId(objectId)} can be told now. The signed message is kept and handed on when one is back.`,
  )
}
