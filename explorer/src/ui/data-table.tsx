import { useRef, useState, type ReactNode } from 'react'
import type { CsvCell } from '../format/csv.ts'
import { useText } from '../i18n/text.tsx'
import { Pager, type More, type PagerProps } from './pager.tsx'
import { ScrollFrame } from './scroll-frame.tsx'
import { sortRows, type SortOrder } from './sort-rows.ts'
import { SortSelect } from './sort-select.tsx'
import { NARROW, useMedia } from './use-media.ts'
import { usePages } from './use-pages.ts'

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
  /** Rows of one page, 50 by default; on a phone at most 10. */
  pageRows?: number
  /** More rows than those given, loaded when the reader turns to them. */
  more?: More | null
  /** Another value begins at the first page again. */
  startKey?: string
  /** The rows are those of an earlier question, until the answer to the new one is there. */
  isOutdated?: boolean
  /** Stands beside what the table says of its rows. */
  actions?: ReactNode
}

const PAGE_ROWS = 50
/** A table of so few columns stays one on a phone. */
const SMALL_COLUMNS = 3

/** A dense table that sorts by its columns and has pages; on a phone each row becomes a card. */
export function DataTable<Row>(props: DataTableProps<Row>) {
  const { caption, isSortable = true, pageRows = PAGE_ROWS, more = null, startKey = '' } = props
  const columns = isSortable ? props.columns : props.columns.map(withoutSorting)
  const [order, setOrder] = useState<SortOrder | null>(null)
  const sortBy = columns.find(({ key }) => key === order?.key)?.sortBy
  const isSorted = order !== null && sortBy !== undefined
  const all = isSorted ? sortRows(props.rows, sortBy, order.isDescending) : props.rows
  const orderKey = isSorted ? `${order.key} ${String(order.isDescending)}` : ''
  const top = useRef<HTMLDivElement>(null)
  const pages = usePages(all, { pageRows, more, startKey: `${startKey} ${orderKey}`, top })
  const isSmall = columns.length <= SMALL_COLUMNS
  const areCards = useMedia(NARROW) && !isSmall
  const isFoot = props.actions !== undefined || more !== null || pages.rows.length < all.length
  return (
    <div className="table-block" ref={top}>
      {areCards && all.length > 1 && columns.some((column) => column.sortBy !== undefined) && (
        <SortSelect columns={columns} order={order} onSort={setOrder} />
      )}
      <ScrollFrame label={caption}>
        {/* Roles are told because cards are no table boxes any more, and browsers then forget what they were. */}
        <table
          className="data"
          role="table"
          data-is-small={isSmall}
          aria-busy={props.isOutdated ?? false}
        >
          <caption className="visually-hidden">{caption}</caption>
          <Head
            columns={areCards ? columns.map(withoutSorting) : columns}
            {...{ order, setOrder }}
          />
          <Body {...props} columns={columns} rows={pages.rows} />
        </table>
      </ScrollFrame>
      {isFoot && (
        <Foot
          pager={{
            first: pages.first,
            shown: pages.rows.length,
            loaded: all.length,
            more,
            onTurn: pages.turn,
          }}
          isSorted={isSorted}
          actions={props.actions}
        />
      )}
    </div>
  )
}

function Foot(props: { pager: PagerProps; isSorted: boolean; actions: ReactNode }) {
  const { t } = useText()
  const { pager, isSorted, actions } = props
  return (
    <div className="below">
      <Pager {...pager} />
      {isSorted && pager.more !== null && (
        <span role="status">{t('common.sortedPart', { count: pager.loaded })}</span>
      )}
      {actions}
    </div>
  )
}

function Head<Row>(props: {
  columns: readonly Column<Row>[]
  order: SortOrder | null
  setOrder: (order: SortOrder | null) => void
}) {
  const { columns, order, setOrder } = props
  return (
    <thead role="rowgroup">
      <tr role="row">
        {columns.map((column) => (
          <HeaderCell key={column.key} column={column} order={order} onSort={setOrder} />
        ))}
      </tr>
    </thead>
  )
}

function Body<Row>({ rows, columns, keyOf, isNew }: DataTableProps<Row>) {
  return (
    <tbody role="rowgroup">
      {rows.map((row) => (
        <tr role="row" key={keyOf(row)} data-new={isNew?.(row) ?? false}>
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
