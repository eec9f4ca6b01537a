/** Logs that one block can hold in the index. */
const LOGS_PER_BLOCK = 2 ** 20
/** Beyond it a row's number would not be a safe integer. */
const MAX_BLOCK_NUMBER = 2 ** 33 - 1

/**
 * The number of a row that stands for a log: rows in the order of their numbers are in the order of the ledger, and all rows of a block and
 * those after it have numbers from `ledgerRowId(block, 0)` on.
 *
 * @param blockNumber - 0 to 2³³ − 1.
 * @param logIndex - 0 to 2²⁰ − 1: a block's place of the log, as JSON-RPC counts it.
 * @throws RangeError outside of these.
 */
export function ledgerRowId(blockNumber: number, logIndex: number): number {
  if (!Number.isInteger(blockNumber) || blockNumber < 0 || blockNumber > MAX_BLOCK_NUMBER) {
    throw new RangeError(`blockNumber: expected 0 to ${MAX_BLOCK_NUMBER}, got ${blockNumber}`)
  }
  if (!Number.isInteger(logIndex) || logIndex < 0 || logIndex >= LOGS_PER_BLOCK) {
    throw new RangeError(`logIndex: expected 0 to ${LOGS_PER_BLOCK - 1}, got ${logIndex}`)
  }
  return blockNumber * LOGS_PER_BLOCK + logIndex
}

/** The block and the place in it that a row's number stands for. */
export function ledgerPlace(rowId: number): { blockNumber: number; logIndex: number } {
  return { blockNumber: Math.floor(rowId / LOGS_PER_BLOCK), logIndex: rowId % LOGS_PER_BLOCK }
}
