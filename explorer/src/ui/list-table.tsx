import type { ReactNode } from 'react'
import { askAll, useList, type ItemOf, type ListRoute } from '../api/use-answer.ts'
import type { Question } from '../api/ask.ts'
import { CsvButton, MAX_EXPORTED_ROWS } from './csv-button.tsx'
import { DataTable, type Column } from './data-table.tsx'
import { Answer } from './states.tsx'
import { Waiting } from './waiting.tsx'

const TABLE = ['table'] as const

interface ListTableProps<N extends ListRoute> {
  route: N
  question: Question
  caption: string
  columns: readonly Column<ItemOf<N>>[]
  keyOf: (row: ItemOf<N>) => string
  /** Stands in the place of a table without rows: an {@link Empty}. */
  empty: ReactNode
  /** Of the exported file, without its ending. */
  fileName: string
}

/** A list of the gateway as a table: pages come as they are turned to, sorting takes what is there, an export takes all that fits. */
export function ListTable<N extends ListRoute>(props: ListTableProps<N>) {
  const { route, question, columns } = props
  const list = useList(route, question)
  const more = list.hasNextPage
    ? { isLoading: list.isFetchingNextPage, load: () => void list.fetchNextPage() }
    : null
  return (
    <Answer of={list} waiting={<Waiting shapes={TABLE} />}>
      {({ pages }) => {
        const rows = pages.flatMap(({ items }) => items)
        if (rows.length === 0) return props.empty
        return (
          <DataTable
            caption={props.caption}
            columns={columns}
            rows={rows}
            keyOf={props.keyOf}
            more={more}
            startKey={JSON.stringify(question)}
            isOutdated={list.isPlaceholderData}
            actions={
              <CsvButton
                name={props.fileName}
                columns={columns}
                readRows={() => askAll(route, question, { limit: MAX_EXPORTED_ROWS })}
              />
            }
          />
        )
      }}
    </Answer>
  )
}
