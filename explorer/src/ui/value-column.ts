import type { ReactNode } from 'react'
import type { CsvCell } from '../format/csv.ts'
import type { Column } from './data-table.tsx'

interface ValueColumnOptions<Row> {
  header: string
  /** What the column sorts by, and what it shows and exports unless told otherwise. */
  value: (row: Row) => string | number
  show?: (row: Row) => ReactNode
  csv?: (row: Row) => CsvCell
  isNumber?: boolean
}

/** A column that sorts, shows and exports one value of its rows. */
export function valueColumn<Row>(key: string, options: ValueColumnOptions<Row>): Column<Row> {
  const { header, value, show = value, csv = value, isNumber = false } = options
  return { key, header, cell: show, sortBy: value, csv, isNumber }
}

/** A moment as an export writes it; nothing for a time that no calendar has. */
export function csvTime(timeMs: number | null): string | null {
  const date = new Date(timeMs ?? Number.NaN)
  return Number.isNaN(date.getTime()) ? null : date.toISOString()
}
