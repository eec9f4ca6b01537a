import { useState, type ReactNode } from 'react'
import type { CsvCell } from '../format/csv.ts'
import { sortRows, type SortOrder } from './sort-rows.ts'

export interface Column<Row> {
  key: string
  header: string
  cell: (row: Row) => ReactNode
  /** What the column sorts by; a column without it does not sort. */
  sortBy?: (row: Row) => string | number
  /** What an export writes; a column without it is not written. */
  csv?: (row: Row) => CsvCell
  isNumber?: boolean
}

interface DataTableProps<Row> {
  caption: string
  columns: readonly Column<Row>[]
  rows: readonly Row[]
  keyOf: (row: Row) => string
  /** Default true: the columns that can sort do. */
  isSortable?: boolean
  /** Rows that have just come are marked for a moment. */
  isNew?: (row: Row) => boolean
}

/** A dense table that sorts by its columns; on a phone each row becomes a card. */
export function DataTable<Row>(props: DataTableProps<Row>) {
  const { caption, isSortable = true } = props
  const columns = isSortable ? props.columns : props.columns.map(withoutSorting)
  const [order, setOrder] = useState<SortOrder | null>(null)
  const sortBy = columns.find(({ key }) => key === order?.key)?.sortBy
  const rows =
    order === null || sortBy === undefined
      ? props.rows
      : sortRows(props.rows, sortBy, order.isDescending)
  return (
    <div className="table-frame">
      {/* Roles are told because cards on a phone are no table boxes any more, and browsers then forget what they were. */}
      <table className="data" role="table">
        <caption className="visually-hidden">{caption}</caption>
        <thead role="rowgroup">
          <tr role="row">
            {columns.map((column) => (
              <HeaderCell key={column.key} column={column} order={order} onSort={setOrder} />
            ))}
          </tr>
        </thead>
        <tbody role="rowgroup">
          {rows.map((row) => (
            <tr role="row" key={props.keyOf(row)} data-new={props.isNew?.(row) ?? false}>
              {columns.map(({ key, header, cell, isNumber }) => (
                <td
                  role="cell"
                  key={key}
                  data-label={header}
                  className={isNumber === true ? 'number' : undefined}
                >
                  <span>{cell(row)}</span>
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function withoutSorting<Row>({ key, header, cell, isNumber = false }: Column<Row>): Column<Row> {
  return { key, header, cell, isNumber }
}

function HeaderCell<Row>(props: {
  column: Column<Row>
  order: SortOrder | null
  onSort: (order: SortOrder | null) => void
}) {
  const { column, order, onSort } = props
  const { key, header, isNumber } = column
  const sorted = order?.key === key ? order : null
  const next =
    sorted === null
      ? { key, isDescending: true }
      : sorted.isDescending
        ? { key, isDescending: false }
        : null
  const direction = sorted === null ? 'none' : sorted.isDescending ? 'descending' : 'ascending'
  return (
    <th
      role="columnheader"
      scope="col"
      className={isNumber === true ? 'number' : undefined}
      {...(column.sortBy === undefined ? {} : { 'aria-sort': direction })}
    >
      {column.sortBy === undefined ? (
        header
      ) : (
        <button type="button" onClick={() => onSort(next)}>
          {header}
        </button>
      )}
    </th>
  )
}
