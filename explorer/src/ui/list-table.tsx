import type { ReactNode } from 'react'
import { askAll, useList, type ItemOf, type ListRoute } from '../api/use-answer.ts'
import type { Question } from '../api/ask.ts'
import { useText } from '../i18n/text.tsx'
import { CsvButton, MAX_EXPORTED_ROWS } from './csv-button.tsx'
import { DataTable, type Column } from './data-table.tsx'
import { Answer, Empty } from './states.tsx'

interface ListTableProps<N extends ListRoute> {
  route: N
  question: Question
  caption: string
  columns: readonly Column<ItemOf<N>>[]
  keyOf: (row: ItemOf<N>) => string
  empty: ReactNode
  /** Of the exported file, without its ending. */
  fileName: string
}

/** A list of the gateway as a table that loads more when asked, sorts what it has, and exports all that fits. */
export function ListTable<N extends ListRoute>(props: ListTableProps<N>) {
  const { t } = useText()
  const { route, question, columns } = props
  const list = useList(route, question)
  return (
    <Answer of={list}>
      {({ pages }) => {
        const rows = pages.flatMap(({ items }) => items)
        if (rows.length === 0) return <Empty>{props.empty}</Empty>
        return (
          <div className="panel">
            <DataTable caption={props.caption} columns={columns} rows={rows} keyOf={props.keyOf} />
            <div className="below">
              <span role="status">{t('common.shown', { count: rows.length })}</span>
              {list.hasNextPage && (
                <button
                  type="button"
                  className="button"
                  disabled={list.isFetchingNextPage}
                  onClick={() => void list.fetchNextPage()}
                >
                  {list.isFetchingNextPage ? t('common.loadingMore') : t('common.more')}
                </button>
              )}
              <CsvButton
                name={props.fileName}
                columns={columns}
                readRows={() => askAll(route, question, { limit: MAX_EXPORTED_ROWS })}
              />
            </div>
          </div>
        )
      }}
    </Answer>
  )
}
