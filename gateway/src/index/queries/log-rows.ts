import type { IndexFile } from '../index-file.ts'
import { ledgerRowId } from '../ledger-row-id.ts'
import type { Row } from './row-values.ts'

export interface LogRowsOptions<T> {
  readonly file: IndexFile
  readonly table: 'receipts' | 'credit_events' | 'registry_events'
  /** `SELECT … FROM` with its joins, where `l` is the table. */
  readonly select: string
  readonly toItem: (row: Row) => T
}

/** Reads whole rows of one kind of log. */
export class LogRows<T> {
  readonly #options: LogRowsOptions<T>

  constructor(options: LogRowsOptions<T>) {
    this.#options = options
  }

  /** The rows of these ids, newest first. */
  of(ids: readonly number[]): T[] {
    const { file, select, toItem } = this.#options
    return file
      .prepare(`${select} WHERE l.id IN (SELECT value FROM json_each(?)) ORDER BY l.id DESC`)
      .all(JSON.stringify(ids))
      .map(toItem)
  }

  /** The newest rows from this one on, the oldest of them first. */
  since(fromId: number, limit: number): T[] {
    const { file, table } = this.#options
    const ids = file
      .prepare(`SELECT id FROM ${table} WHERE id >= ? ORDER BY id DESC LIMIT ?`)
      .all(fromId, limit)
    return this.of(ids.map((row) => Number(row['id']))).reverse()
  }

  /** Rows of one transaction, in ledger order. */
  ofTransaction(place: { id: number; blockNumber: number }, limit: number): T[] {
    const { file, select, toItem } = this.#options
    const { id, blockNumber } = place
    return file
      .prepare(
        `${select} WHERE l.id >= ? AND l.id < ? AND l.transaction_id = ? ORDER BY l.id LIMIT ?`,
      )
      .all(ledgerRowId(blockNumber, 0), ledgerRowId(blockNumber + 1, 0), id, limit)
      .map(toItem)
  }
}
