import type { ApiPosition } from '@orlop/protocol/api/values'
import { ledgerPlace } from '../ledger-row-id.ts'
import { toCount, toHash, type Row } from './row-values.ts'

/** Columns that {@link positionOf} reads, for the row `x` of a log. */
export const POSITION_COLUMNS = 'b.hash AS block_hash, b.time_ms, t.hash AS transaction_hash'

/** Joins for these columns. */
export const positionJoins = (x: string) =>
  `JOIN transactions t ON t.id = ${x}.transaction_id JOIN blocks b ON b.number = ${x}.id >> 20`

export function positionOf(row: Row): ApiPosition {
  const { blockNumber, logIndex } = ledgerPlace(Number(row['id']))
  return {
    blockNumber,
    blockHash: toHash(row['block_hash']),
    blockTimeMs: toCount(row['time_ms']),
    transactionHash: toHash(row['transaction_hash']),
    logIndex,
  }
}
