import type { IndexFile } from '../index-file.ts'
import { ledgerRowId } from '../ledger-row-id.ts'

type Bound = number | string | Uint8Array

/** Conditions of a WHERE and their values, kept apart: no value ever becomes SQL. */
export class Conditions {
  readonly #clauses: string[] = []
  readonly values: Bound[] = []

  /** Adds a condition unless its value is missing. */
  add(clause: string, value: Bound | null | undefined): this {
    if (value === undefined || value === null) return this
    this.#clauses.push(clause)
    this.values.push(value)
    return this
  }

  /** Adds a condition without a value. */
  always(clause: string): this {
    this.#clauses.push(clause)
    return this
  }

  get where(): string {
    return this.#clauses.length === 0 ? '' : `WHERE ${this.#clauses.join(' AND ')}`
  }
}

/** Numbers of rows, both inclusive; null where there is no bound. */
export interface RowRange {
  first: number | null
  last: number | null
}

/**
 * Rows of the blocks between two block times, both inclusive. Block times never run back, so a range of times is one of rows.
 *
 * @returns null when there are no such blocks.
 */
export function rowsBetween(
  file: IndexFile,
  { fromMs, toMs }: { fromMs?: number | undefined; toMs?: number | undefined },
): RowRange | null {
  const range: RowRange = { first: null, last: null }
  if (fromMs !== undefined) {
    const from = firstBlock(file, '>=', fromMs)
    if (from === null) return null
    range.first = ledgerRowId(from, 0)
  }
  if (toMs !== undefined) {
    const beyond = firstBlock(file, '>', toMs)
    if (beyond !== null) range.last = ledgerRowId(beyond, 0) - 1
  }
  return range
}

function firstBlock(file: IndexFile, relation: '>' | '>=', timeMs: number): number | null {
  const row = file
    .prepare(
      `SELECT number FROM blocks WHERE time_ms ${relation} ? ORDER BY time_ms, number LIMIT 1`,
    )
    .get(timeMs)
  return row === undefined ? null : Number(row['number'])
}
