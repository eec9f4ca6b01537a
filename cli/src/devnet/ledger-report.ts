import { EthersLedgerReader } from '@orlop/contracts/ethers-ledger-reader'
import { LedgerRpc } from '@orlop/contracts/rpc/ledger-rpc'
import { RpcConnection } from '@orlop/contracts/rpc/rpc-connection'
import type { NodeRecord, Receipt } from '@orlop/protocol/ledger-records'
import type { Network } from '../network-file.ts'

/** The ledger as the last line of `--once` says it. */
export interface LedgerReport {
  chainId: number
  contracts: { registry: string; receipts: string; credit: string }
  receipts: number
  /** Gas of the transactions that hold these receipts, divided among them; null while there are none. */
  gasPerReceipt: number | null
}

/** Every receipt of one client. */
export async function receiptsOf(
  { rpcUrl, deployment }: Network,
  clientId: number,
): Promise<Receipt[]> {
  const reader = new EthersLedgerReader({ rpcUrl, deployment })
  return await Array.fromAsync(reader.receipts({ clientId }))
}

/** How many of these receipts have no rating on the ledger. */
export async function countUnrated(
  { rpcUrl, deployment }: Network,
  receipts: readonly Receipt[],
): Promise<number> {
  const reader = new EthersLedgerReader({ rpcUrl, deployment })
  const nameOf = ({ nodeId, sequence }: Pick<Receipt, 'nodeId' | 'sequence'>) =>
    `${nodeId}/${sequence}`
  const unrated = new Set(receipts.map(nameOf))
  for (const clientId of new Set(receipts.map((receipt) => receipt.clientId))) {
    for await (const event of reader.ratingEvents({ clientId })) unrated.delete(nameOf(event))
  }
  return unrated.size
}

/** Counts the receipts and what their transactions cost. */
export async function reportLedger(
  network: Network,
  receipts: readonly Receipt[],
): Promise<LedgerReport> {
  const rpc = new LedgerRpc(new RpcConnection(network.rpcUrl))
  const hashes = new Set(receipts.map(({ position }) => position.transactionHash))
  let gas = 0
  for (const hash of hashes) gas += (await rpc.transactionReceipt(hash))?.gasUsed ?? 0
  const { chainId, registry, credit } = network.deployment
  return {
    chainId,
    contracts: { registry, receipts: network.deployment.receipts, credit },
    receipts: receipts.length,
    gasPerReceipt: receipts.length === 0 ? null : Math.round(gas / receipts.length),
  }
}

/** The nodes by the ledger, read afresh, by name. */
export async function readNodes({ rpcUrl, deployment }: Network): Promise<NodeRecord[]> {
  const nodes = await new EthersLedgerReader({ rpcUrl, deployment }).nodes()
  return nodes.toSorted((left, right) => left.name.localeCompare(right.name))
}
