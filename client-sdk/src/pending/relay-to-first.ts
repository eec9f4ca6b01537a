import { isOrlopError, throwIfAborted } from '@orlop/protocol/errors'
import type { NodeRecord } from '@orlop/protocol/ledger-records'
import { relayAccepted } from '@orlop/protocol/wire/relay'
import type { ClientContext } from '../context.ts'

export interface RelayToFirstOptions {
  /** The node that must not know of the message, or could hold it back; null for none. */
  readonly withoutNodeId: number | null
  /** Nodes that took the message before and did not put it there: asked last. */
  readonly handedToNodeIds: readonly number[]
  readonly signal?: AbortSignal
}

/**
 * Has a node put a signed message of this client on the ledger: connected nodes are asked first.
 *
 * @returns the node that took it, as a list; empty when none did.
 * @throws OrlopError `LEDGER_UNREACHABLE` when no node is known; `ABORTED`.
 */
export async function relayToFirst(
  context: ClientContext,
  request: object,
  options: RelayToFirstOptions,
): Promise<number[]> {
  const { withoutNodeId, handedToNodeIds, ...rest } = options
  const nodes = (await context.directory.all(rest)).filter(
    ({ nodeId, state }) => nodeId !== withoutNodeId && state !== 'retired' && state !== 'pending',
  )
  for (const node of inOrder(context, nodes, handedToNodeIds)) {
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

function inOrder(
  { network }: ClientContext,
  nodes: NodeRecord[],
  handedToNodeIds: readonly number[],
): NodeRecord[] {
  const connected = new Set(network.connectedNodeIds)
  const rank = ({ nodeId }: NodeRecord) =>
    (handedToNodeIds.includes(nodeId) ? 2 : 0) + (connected.has(nodeId) ? 0 : 1)
  return nodes.sort((left, right) => rank(left) - rank(right))
}
