import type { ApiRegistryEvent } from '@orlop/protocol/api/history'
import { MAX_DETAIL_ITEMS, type ApiObjectEvent } from '@orlop/protocol/api/objects'
import type { ApiTransaction } from '@orlop/protocol/api/transactions'
import { Link, useParams } from 'react-router'
import { useAnswer } from '../api/use-answer.ts'
import { ratingKey, useRatingColumns } from '../columns/rating-columns.tsx'
import { receiptKey, useReceiptColumns } from '../columns/receipt-columns.tsx'
import { registryKey, useRegistryColumns } from '../columns/registry-columns.tsx'
import { shorten } from '../format/shorten.ts'
import { useText } from '../i18n/text.tsx'
import { DataTable, type Column } from '../ui/data-table.tsx'
import { Hash, ObjectLink } from '../ui/names.tsx'
import { useEventText } from '../ui/event-text.ts'
import { Facts, PageHead, Panel } from '../ui/page.tsx'
import { Answer, Empty } from '../ui/states.tsx'
import { Time } from '../ui/time.tsx'
import { useFormat } from '../ui/use-format.ts'
import { Waiting } from '../ui/waiting.tsx'

const SHAPES = ['facts', 'table'] as const

/** All that one transaction of the ledger did. */
export function TransactionPage() {
  const { t } = useText()
  const { hash = '' } = useParams()
  const transaction = useAnswer('transaction', { params: { hash } })
  return (
    <>
      <PageHead
        title={t('transaction.title')}
        windowTitle={t('transaction.named', { id: shorten(hash) })}
        lead={<Hash value={hash} label={t('transaction.hash')} isWhole />}
        eyebrow={<Link to="/transactions">{t('nav.transactions')}</Link>}
      />
      <Answer
        of={transaction}
        notFound={t('transaction.unknown', { hash })}
        ways={<Link to="/transactions">{t('transaction.all')}</Link>}
        waiting={<Waiting shapes={SHAPES} />}
      >
        {(data) => <Transaction transaction={data} />}
      </Answer>
    </>
  )
}

const COLUMNS = ['object', 'strip', 'ship', 'node', 'class', 'level', 'size', 'state'] as const

function Transaction({ transaction }: { transaction: ApiTransaction }) {
  const { t } = useText()
  const receiptColumns = useReceiptColumns(COLUMNS)
  const ratingColumns = useRatingColumns({ hasNode: true })
  const { count } = useFormat()
  const { receipts, ratings, events, registryEvents } = transaction
  return (
    <>
      <Facts
        facts={[
          { label: t('common.block'), value: count(transaction.blockNumber) },
          { label: t('transaction.when'), value: <Time timeMs={transaction.blockTimeMs} /> },
          {
            label: t('transactions.kinds'),
            value: transaction.kinds.map((kind) => t(`kind.${kind}`)).join(', '),
          },
        ]}
      />
      {transaction.isTruncated && (
        <p className="notice">{t('transaction.truncated', { limit: MAX_DETAIL_ITEMS })}</p>
      )}
      {receipts.length + ratings.length + events.length + registryEvents.length === 0 && (
        <Empty>{t('transaction.noneText')}</Empty>
      )}
      {receipts.length > 0 && (
        <Panel title={t('transaction.records')}>
          <DataTable
            caption={t('transaction.records')}
            columns={receiptColumns}
            rows={receipts}
            keyOf={receiptKey}
          />
        </Panel>
      )}
      {ratings.length > 0 && (
        <Panel title={t('transaction.ratings')}>
          <DataTable
            caption={t('transaction.ratings')}
            columns={ratingColumns}
            rows={ratings}
            keyOf={ratingKey}
          />
        </Panel>
      )}
      {events.length > 0 && <Events events={events} />}
      {registryEvents.length > 0 && <RegistryEvents events={registryEvents} />}
    </>
  )
}

function RegistryEvents({ events }: { events: ApiRegistryEvent[] }) {
  const { t } = useText()
  const columns = useRegistryColumns(['party', 'event', 'details'])
  return (
    <Panel title={t('transaction.registry')}>
      <DataTable
        caption={t('transaction.registry')}
        columns={columns}
        rows={events}
        keyOf={registryKey}
      />
    </Panel>
  )
}

function Events({ events }: { events: ApiObjectEvent[] }) {
  const { t } = useText()
  const describe = useEventText()
  const columns: Column<ApiObjectEvent>[] = [
    { key: 'object', header: t('common.object'), cell: (event) => <ObjectLink {...event} /> },
    { key: 'event', header: t('search.kind'), cell: (event) => describe(event).title },
    { key: 'text', header: t('search.about'), cell: (event) => describe(event).text },
  ]
  return (
    <Panel title={t('transaction.events')}>
      <DataTable
        caption={t('transaction.events')}
        columns={columns}
        rows={events}
        keyOf={({ position }) => String(position.logIndex)}
      />
    </Panel>
  )
}
