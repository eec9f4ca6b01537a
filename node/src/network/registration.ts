import { isOrlopError } from '@orlop/protocol/errors'
import type { ChainClient, NodeProfile } from '@orlop/protocol/ledger'
import type { NodeRecord } from '@orlop/protocol/ledger-records'
import type { Logger } from '@orlop/protocol/logger'

/**
 * Makes the ledger's record of this node what its operator configured: registers it, or updates what changed.
 *
 * @returns the node's id.
 * @throws OrlopError `LEDGER_UNREACHABLE`, `LEDGER_MISMATCH`, `LEDGER_REJECTED`.
 */
export async function register(
  chain: ChainClient,
  profile: NodeProfile,
  logger: Logger,
): Promise<number> {
  const own = await ownRecord(chain)
  if (own === null) {
    const nodeId = await chain.registerNode(profile)
    logger.info({ nodeId, account: chain.account }, 'registered on the ledger')
    return nodeId
  }
  if (!describes(own, profile)) {
    await chain.updateNode(profile)
    logger.info({ nodeId: own.nodeId }, 'updated its record on the ledger')
  }
  return own.nodeId
}

/** Makes this node the fleet's master, when it is not and may. */
export async function claimMaster(
  chain: ChainClient,
  nodeId: number,
  logger: Logger,
): Promise<void> {
  const own = await chain.node(nodeId)
  if (own?.isMaster !== false) return
  try {
    if (own.state === 'pending') await chain.admitNode(nodeId)
    await chain.setMaster(nodeId)
    logger.info({ nodeId }, 'became the master')
  } catch (error) {
    if (!isOrlopError(error, 'LEDGER_REJECTED')) throw error
    logger.warn({ nodeId, err: error }, 'may not become the master: only the admin can set it')
  }
}

async function ownRecord(chain: ChainClient): Promise<NodeRecord | null> {
  const nodes = await chain.nodes()
  return nodes.find(({ account }) => account === chain.account) ?? null
}

/** Whether the record says what the profile says. The tier cannot be changed by the node itself. */
function describes(record: NodeRecord, profile: NodeProfile): boolean {
  return (
    record.name === profile.name &&
    record.peerId === profile.peerId &&
    record.region === profile.region &&
    record.capacityBytes === profile.capacityBytes &&
    record.addresses.join(' ') === profile.addresses.join(' ')
  )
}
