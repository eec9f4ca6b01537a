import { DAY_MS, HOUR_MS, type ApiBucket } from '@orlop/protocol/api/overview'
import { useMemo, useState } from 'react'
import { useAnswer } from '../api/use-answer.ts'
import { formatTime } from '../format/format-time.ts'
import { useText } from '../i18n/text.tsx'
import { Chart } from './chart.tsx'
import { Panel } from './page.tsx'
import { Answer, Empty } from './states.tsx'
import { useFormat } from './use-format.ts'
import { Waiting } from './waiting.tsx'

const SHAPES = ['chart'] as const

const WINDOWS = {
  day: { bucket: 'hour', ms: DAY_MS },
  week: { bucket: 'hour', ms: 7 * DAY_MS },
  month: { bucket: 'day', ms: 30 * DAY_MS },
} as const
type Window = keyof typeof WINDOWS

/** How many records each hour or day brought. @param hours - the last 24, which came with the overview. */
export function RecordChart({ hours }: { hours: readonly ApiBucket[] }) {
  const { t } = useText()
  const [shown, setShown] = useState<Window>('day')
  const { bucket, ms } = WINDOWS[shown]
  const untilMs = (hours.at(-1)?.startMs ?? 0) + HOUR_MS - 1
  const statistics = useAnswer(
    'statistics',
    { query: { bucket, fromMs: Math.max(0, untilMs + 1 - ms), toMs: untilMs } },
    { enabled: shown !== 'day' },
  )
  const choice = (
    <div className="segments" role="group" aria-label={t('overview.window')}>
      {(Object.keys(WINDOWS) as Window[]).map((each) => (
        <button
          key={each}
          type="button"
          aria-pressed={each === shown}
          onClick={() => setShown(each)}
        >
          {t(`overview.${each}`)}
        </button>
      ))}
    </div>
  )
  return (
    <Panel title={t(bucket === 'hour' ? 'overview.perHour' : 'overview.perDay')} action={choice}>
      {shown === 'day' ? (
        <Buckets buckets={hours} />
      ) : (
        <Answer of={statistics} waiting={<Waiting shapes={SHAPES} />}>
          {({ buckets }) => <Buckets buckets={buckets} />}
        </Answer>
      )}
    </Panel>
  )
}

function Buckets({ buckets }: { buckets: readonly ApiBucket[] }) {
  const { t } = useText()
  const { count } = useFormat()
  const points = useMemo(
    () => buckets.map(({ startMs, receipts }) => ({ timeMs: startMs, value: receipts })),
    [buckets],
  )
  const busiest = buckets.reduce((most, each) => (each.receipts > most.receipts ? each : most), {
    startMs: 0,
    receipts: 0,
  })
  if (busiest.receipts === 0) return <Empty>{t('overview.chartEmpty')}</Empty>
  const summary = t('overview.chartSummary', {
    total: buckets.reduce((sum, { receipts }) => sum + receipts, 0),
    most: busiest.receipts,
    time: `${formatTime(busiest.startMs)?.slice(0, 16) ?? ''} UTC`,
  })
  return (
    <>
      <Chart points={points} kind="bars" summary={summary} formatValue={count} />
      <p className="below">{summary}</p>
    </>
  )
}
