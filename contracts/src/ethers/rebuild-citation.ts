import type { Deployment } from '@orlop/protocol/deployment'
import type { Citation, Receipt } from '@orlop/protocol/ledger-records'
import { batchProof } from '../batch-tree.ts'
import type { OrlopContracts } from '../orlop-contracts.ts'
import type { RpcLog } from '../rpc/rpc-shapes.ts'
import { batchesOf, leafOf } from './recorded-batch.ts'

/**
 * The proof that a receipt stands in its batch, from the logs of the transaction that recorded it.
 *
 * @returns null when the logs do not hold the receipt.
 */
export function rebuildCitation(
  ledger: { contracts: OrlopContracts; deployment: Deployment },
  receipt: Receipt,
  logs: readonly RpcLog[],
): Citation | null {
  const { batchId, position } = receipt
  const batch = batchesOf(ledger.contracts, logs).find((each) => each.batchId === batchId)
  const place = batch?.receipts.findIndex(({ log }) => log.logIndex === position.logIndex) ?? -1
  if (batch === undefined || place < 0) return null
  const leaves = batch.receipts.map(({ commit }) => leafOf(ledger.deployment, commit))
  return { batchId, proof: batchProof(leaves, place) }
}
