import { EVERY_STRIP } from '@orlop/protocol/limits'
import { removeType } from '@orlop/protocol/messages/keeping'
import { type ActionOptions, contextFor } from '../action-options.ts'
import type { ClientContext } from '../context.ts'
import { ownKeptView, sendToHolders, type TellResult } from '../pending/send-to-holders.ts'
import { objectIdOf } from '../retrieve/open-object.ts'

/**
 * Gives every copy of an own object up, for good. The nodes delete it at once and put the signed message on the ledger; those that
 * are away are told later. The receipts stay on the ledger: it never forgets.
 *
 * @throws OrlopError `OBJECT_NOT_FOUND`, `OBJECT_REMOVED` when it was removed before, `NODE_UNREACHABLE` when no node could be told
 *   (the message is kept and handed on later).
 */
export async function remove(
  outer: ClientContext,
  request: { readonly objectId: Uint8Array | string },
  options: ActionOptions = {},
): Promise<TellResult> {
  const context = contextFor(outer, options)
  const objectId = objectIdOf(request.objectId)
  const view = await ownKeptView(context, objectId, options)
  const clientId = context.identity.clientId
  const signed = context.identity.sign(removeType, { objectId, clientId, index: EVERY_STRIP })
  const nodeIds = [...new Set(view.holders.map(({ nodeId }) => nodeId))]
  const pending = { remove: signed, nodeIds, handedToNodeIds: [], handedMs: 0 }
  const told = await sendToHolders(context, objectId, { kind: 'remove', ...pending }, options)
  const { catalogue } = context.home
  const entry = await catalogue.get(objectId, clientId)
  if (entry !== null) await catalogue.put({ ...entry, state: 'removed' })
  return told
}
