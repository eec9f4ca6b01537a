import type { ApiOverview } from '@orlop/protocol/api/overview'
import { useState } from 'react'
import { Link } from 'react-router'
import { useAnswer } from '../api/use-answer.ts'
import { receiptKey, useReceiptColumns } from '../columns/receipt-columns.tsx'
import { useText } from '../i18n/text.tsx'
import { ClassBars } from '../ui/class-bars.tsx'
import { DataTable } from '../ui/data-table.tsx'
import { NodeStates } from '../ui/node-states.tsx'
import { Figures, PageHead, Panel } from '../ui/page.tsx'
import { QuietSea } from '../ui/quiet-sea.tsx'
import { RecordChart } from '../ui/record-chart.tsx'
import { Answer, Empty } from '../ui/states.tsx'
import { useFormat } from '../ui/use-format.ts'
import { Waiting } from '../ui/waiting.tsx'

const SHAPES = ['figures', 'chart', 'table'] as const

/** The state of the network at a glance, with records as they come. */
export function OverviewPage() {
  const { t } = useText()
  const overview = useAnswer('overview')
  return (
    <>
      <PageHead title={t('overview.title')} lead={t('overview.lead')} />
      <Answer of={overview} waiting={<Waiting shapes={SHAPES} />}>
        {(data) => <Overview data={data} />}
      </Answer>
    </>
  )
}

function Overview({ data }: { data: ApiOverview }) {
  const { t } = useText()
  if (data.totals.receipts === 0 && data.totals.nodes === 0) return <QuietSea />
  return (
    <>
      <Totals data={data} />
      {data.creditDifferences > 0 && (
        <div className="notice" data-tone="warn" role="status">
          <p>
            {t('overview.creditDifferences', { count: data.creditDifferences })}{' '}
            <Link to="/nodes">{t('overview.creditDifferencesLink')}</Link>
          </p>
        </div>
      )}
      {data.totals.receipts === 0 ? <QuietSea /> : <RecordChart hours={data.hours} />}
      <div className="columns">
        <LiveRecords recent={data.recent} />
        <div className="panels">
          <Panel title={t('overview.byClass')}>
            {data.classes.length === 0 ? (
              <Empty>{t('overview.byClassEmpty')}</Empty>
            ) : (
              <ClassBars classes={data.classes} />
            )}
          </Panel>
          <Panel
            title={t('overview.nodeStates')}
            action={<Link to="/nodes">{t('overview.allNodes')}</Link>}
          >
            <NodeStates counts={data.nodeStates} />
          </Panel>
        </div>
      </div>
    </>
  )
}

function Totals({ data: { totals, nodeStates } }: { data: ApiOverview }) {
  const { t } = useText()
  const { count, bytes } = useFormat()
  return (
    <Figures
      figures={[
        { label: t('overview.objects'), value: count(totals.objects), to: '/objects' },
        {
          label: t('overview.records'),
          value: count(totals.receipts),
          hint: t('overview.recordsHint', { live: count(totals.liveStrips) }),
          to: '/records',
        },
        {
          label: t('overview.bytes'),
          value: bytes(totals.liveBytes),
          hint: t('overview.bytesHint', { capacity: bytes(totals.capacityBytes) }),
        },
        { label: t('overview.ships'), value: count(totals.clients), to: '/ships' },
        {
          label: t('overview.nodes'),
          value: count(totals.nodes),
          hint: t('overview.nodesHint', { admitted: count(nodeStates.admitted) }),
          to: '/nodes',
        },
        { label: t('overview.ratings'), value: count(totals.ratings), to: '/ratings' },
      ]}
    />
  )
}

/** Fit beside the classes and the nodes; a phone shows fewer, and more when asked. */
const LIVE_ROWS = 12
const LIVE_COLUMNS = ['time', 'object', 'ship', 'node', 'class', 'size'] as const

function LiveRecords({ recent }: { recent: ApiOverview['recent'] }) {
  const { t } = useText()
  const columns = useReceiptColumns(LIVE_COLUMNS)
  // Those of the first answer were there before; what comes later is new to this reader.
  const [known] = useState(() => new Set(recent.map(receiptKey)))
  return (
    <Panel
      title={t('overview.live')}
      action={<Link to="/records">{t('overview.allRecords')}</Link>}
    >
      {recent.length === 0 ? (
        <Empty>{t('overview.liveEmpty')}</Empty>
      ) : (
        <DataTable
          caption={t('overview.live')}
          columns={columns}
          rows={recent}
          pageRows={LIVE_ROWS}
          isSortable={false}
          keyOf={receiptKey}
          isNew={(row) => !known.has(receiptKey(row))}
        />
      )}
    </Panel>
  )
}
