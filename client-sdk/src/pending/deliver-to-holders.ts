import { isOrlopError, throwIfAborted } from '@orlop/protocol/errors'
import { removeAnswer } from '@orlop/protocol/wire/remove'
import type { ClientContext } from '../context.ts'
import type { PendingMessage } from '../home/pending-store.ts'

/**
 * Tells the nodes of an object that its owner gives it up or keeps it longer. Notes in the pending store when all have heard it.
 *
 * @returns the nodes that acted on it now.
 */
export async function deliverToHolders(
  context: ClientContext,
  pending: Extract<PendingMessage, { kind: 'remove' | 'extend' }>,
  options: { readonly signal?: AbortSignal } = {},
): Promise<number[]> {
  const request =
    pending.kind === 'remove' ? { remove: pending.remove } : { extend: pending.extend }
  const told: number[] = []
  for (const nodeId of pending.nodeIds) {
    try {
      const node = await context.directory.byId(nodeId, options)
      await context.network.call(node, { verb: 'remove', request, answer: removeAnswer }, options)
      told.push(nodeId)
    } catch (error) {
      throwIfAborted(options.signal, 'Telling the nodes')
      if (!isOrlopError(error)) throw error
    }
  }
  if (told.length === pending.nodeIds.length) {
    const handedMs = context.home.clockOffset.nowMs()
    const handedToNodeIds = [...pending.handedToNodeIds, ...told.slice(0, 1)]
    await context.home.pending.put({ ...pending, handedToNodeIds, handedMs })
  }
  return told
}
