import type { ApiRating } from '@orlop/protocol/api/ratings'
import { useMemo } from 'react'
import { Link } from 'react-router'
import { useWholeList } from '../api/use-answer.ts'
import { ratingKey, useRatingColumns } from '../columns/rating-columns.tsx'
import { useText } from '../i18n/text.tsx'
import { Chart } from './chart.tsx'
import { CsvButton } from './csv-button.tsx'
import { DataTable } from './data-table.tsx'
import { Panel } from './page.tsx'
import { Answer, Empty } from './states.tsx'
import { useFormat } from './use-format.ts'
import { Waiting } from './waiting.tsx'

/** The strips come below: newer changes are enough until more are asked for. */
const PAGE_CHANGES = 10
const SHAPES = ['chart', 'table'] as const

/** A node's credit over time, and the cause of every change. */
export function CreditHistory({ nodeId }: { nodeId: number }) {
  const { t } = useText()
  const changes = useWholeList('nodeCredit', { params: { nodeId } })
  return (
    <Panel
      title={t('node.creditTitle')}
      lead={t('node.creditLead')}
      action={<Link to={`/ratings?nodeId=${nodeId}`}>{t('ratings.ofNode')}</Link>}
    >
      <Answer of={changes} waiting={<Waiting shapes={SHAPES} />}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty>{t('node.creditEmpty')}</Empty>
          ) : (
            <Changes changes={items} nodeId={nodeId} />
          )
        }
      </Answer>
    </Panel>
  )
}

/** @param changes - newest first, at least one. */
function Changes({ changes, nodeId }: { changes: ApiRating[]; nodeId: number }) {
  const { t } = useText()
  const { credit } = useFormat()
  const columns = useRatingColumns({ hasNode: false })
  const points = useMemo(
    () =>
      changes
        .map(({ position, afterMillionths }) => ({
          timeMs: position.blockTimeMs,
          value: afterMillionths,
        }))
        .reverse(),
    [changes],
  )
  const summary = t('node.creditSummary', {
    first: credit(changes.at(-1)?.beforeMillionths ?? 0),
    last: credit(changes[0]?.afterMillionths ?? 0),
    count: changes.length,
  })
  return (
    <>
      {/* A line needs two points. */}
      {points.length > 1 && (
        <Chart
          points={points}
          kind="steps"
          summary={summary}
          formatValue={credit}
          maximum={1_000_000}
        />
      )}
      <p className="below">{summary}</p>
      <DataTable
        caption={t('node.causes')}
        columns={columns}
        rows={changes}
        keyOf={ratingKey}
        pageRows={PAGE_CHANGES}
        actions={
          <CsvButton
            name={`orlop-node-${nodeId}-credit`}
            columns={columns}
            readRows={() => Promise.resolve({ items: changes, isCut: false })}
          />
        }
      />
    </>
  )
}
