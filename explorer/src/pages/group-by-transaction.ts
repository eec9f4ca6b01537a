import type { ApiReceipt } from '@orlop/protocol/api/receipts'

/** A transaction as the records in it tell it. */
export interface RecordingTransaction {
  hash: string
  blockNumber: number
  timeMs: number
  receipts: number
  streamBytes: number
  ships: { clientId: number; name: string }[]
}

/**
 * Transactions of a list of records, in its order.
 *
 * @param hasMore - the list goes on: then its last transaction may be cut and is left out.
 */
export function groupByTransaction(
  receipts: readonly ApiReceipt[],
  hasMore: boolean,
): RecordingTransaction[] {
  const groups = Map.groupBy(receipts, ({ position }) => position.transactionHash)
  const rows = [...groups].flatMap(([hash, group]) => {
    const [first] = group
    if (first === undefined) return []
    const ships = new Map(group.map(({ clientId, clientName }) => [clientId, clientName]))
    return {
      hash,
      blockNumber: first.position.blockNumber,
      timeMs: first.position.blockTimeMs,
      receipts: group.length,
      streamBytes: group.reduce((sum, { streamBytes }) => sum + streamBytes, 0),
      ships: [...ships].map(([clientId, name]) => ({ clientId, name })),
    }
  })
  // Left in where it is the only one: an empty page would say that there is nothing.
  return hasMore && rows.length > 1 ? rows.slice(0, -1) : rows
}
