import { isOrlopError, throwIfAborted } from '@orlop/protocol/errors'
import type { NodeRecord } from '@orlop/protocol/ledger-records'
import type { Peer, PeerAddress } from '@orlop/transport/transport'
import type { RelayPeers } from '../ledger/relay-ledger-reader.ts'
import type { NodeNetwork } from './node-network.ts'

export interface RelayPeersDependencies {
  readonly network: NodeNetwork
  /** Nodes known from earlier, without asking the ledger. */
  readonly knownNodes: () => Promise<NodeRecord[]>
  /** Where to begin when no node is known. */
  readonly bootstrap: readonly PeerAddress[]
}

/** Gives connections to nodes one by one: those that are open, then the known nodes, then the addresses to begin with. */
export function relayPeersOf(dependencies: RelayPeersDependencies): RelayPeers {
  const { network, knownNodes, bootstrap } = dependencies
  return async function* relayPeers(options) {
    const tried = new Set<string>()
    for (const node of connectedFirst(network, await knownNodes())) {
      tried.add(node.peerId)
      const peer = await orNull(() => network.connect(node, options), options)
      if (peer !== null) yield peer
    }
    for (const address of bootstrap) {
      if (tried.has(address.peerId)) continue
      const peer = await orNull(() => network.dial(address, options), options)
      if (peer !== null) yield peer
    }
  }
}

function connectedFirst(network: NodeNetwork, nodes: readonly NodeRecord[]): NodeRecord[] {
  const connected = new Set(network.connectedNodeIds)
  const usable = nodes.filter(({ state }) => state === 'admitted' || state === 'draining')
  const rank = ({ nodeId }: NodeRecord) => (connected.has(nodeId) ? 0 : 1)
  return usable.sort((left, right) => rank(left) - rank(right))
}

async function orNull(
  connect: () => Promise<Peer>,
  options: { readonly signal?: AbortSignal },
): Promise<Peer | null> {
  try {
    return await connect()
  } catch (error) {
    throwIfAborted(options.signal, 'Connecting to a node')
    // A node on another ledger would be asked in vain for ever; the caller must hear of it.
    if (!isOrlopError(error) || error.code === 'LEDGER_MISMATCH') throw error
    return null
  }
}
