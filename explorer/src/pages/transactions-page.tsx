import type { ApiReceipt } from '@orlop/protocol/api/receipts'
import { useList } from '../api/use-answer.ts'
import { useText } from '../i18n/text.tsx'
import { DataTable, type Column } from '../ui/data-table.tsx'
import { ShipLink, TransactionLink } from '../ui/names.tsx'
import { PageHead } from '../ui/page.tsx'
import { Answer, Empty } from '../ui/states.tsx'
import { Age } from '../ui/time.tsx'
import { useFormat } from '../ui/use-format.ts'
import { Waiting } from '../ui/waiting.tsx'
import { groupByTransaction, type RecordingTransaction } from './group-by-transaction.ts'

const SHAPES = ['table'] as const
const RECEIPTS_AT_ONCE = 200
const EVERYTHING = {}

/** The ledger's transactions that recorded strips. */
export function TransactionsPage() {
  const { t } = useText()
  const receipts = useList('receipts', EVERYTHING, RECEIPTS_AT_ONCE)
  return (
    <>
      <PageHead title={t('transactions.title')} lead={t('transactions.lead')} />
      <Answer of={receipts} waiting={<Waiting shapes={SHAPES} />}>
        {({ pages }) => (
          <Transactions
            receipts={pages.flatMap(({ items }) => items)}
            hasMore={receipts.hasNextPage}
            isLoading={receipts.isFetchingNextPage}
            onMore={() => void receipts.fetchNextPage()}
          />
        )}
      </Answer>
    </>
  )
}

interface TransactionsProps {
  receipts: ApiReceipt[]
  hasMore: boolean
  isLoading: boolean
  onMore: () => void
}

function Transactions({ receipts, hasMore, isLoading, onMore }: TransactionsProps) {
  const { t } = useText()
  const columns = useTransactionColumns()
  const rows = groupByTransaction(receipts, hasMore)
  if (rows.length === 0) return <Empty>{t('transactions.empty')}</Empty>
  return (
    <DataTable
      caption={t('transactions.caption')}
      columns={columns}
      rows={rows}
      keyOf={({ hash }) => hash}
      more={hasMore ? { isLoading, load: onMore } : null}
    />
  )
}

function useTransactionColumns(): Column<RecordingTransaction>[] {
  const { t } = useText()
  const { bytes, count } = useFormat()
  return [
    {
      key: 'time',
      header: t('common.time'),
      cell: ({ timeMs }) => <Age timeMs={timeMs} />,
      sortBy: ({ timeMs }) => timeMs,
    },
    {
      key: 'transaction',
      header: t('common.transaction'),
      cell: ({ hash }) => <TransactionLink hash={hash} />,
    },
    {
      key: 'block',
      header: t('common.block'),
      cell: ({ blockNumber }) => count(blockNumber),
      sortBy: ({ blockNumber }) => blockNumber,
      isNumber: true,
    },
    {
      key: 'records',
      header: t('common.records'),
      cell: ({ receipts }) => count(receipts),
      sortBy: ({ receipts }) => receipts,
      isNumber: true,
    },
    {
      key: 'size',
      header: t('common.size'),
      cell: ({ streamBytes }) => bytes(streamBytes),
      sortBy: ({ streamBytes }) => streamBytes,
      isNumber: true,
    },
    {
      key: 'ships',
      header: t('nav.ships'),
      cell: ({ ships }) =>
        ships.map(({ clientId, name }, place) => (
          <span key={clientId}>
            {place > 0 && ', '}
            <ShipLink clientId={clientId} name={name} />
          </span>
        )),
    },
  ]
}
