import { useCallback } from 'react'
import { type Figure, Figures } from '../../ui/page.tsx'
import { useFormat } from '../../ui/use-format.ts'
import { type PreviewTranslate, usePreviewText } from './i18n/preview-text.ts'
import type { AddressCount, LogSummary } from './nmea/nmea-log.ts'
import { readLog } from './nmea/read-log.ts'
import type { Track } from './nmea/track.ts'
import type { KindProps } from './kind-props.ts'
import { SpeedChart } from './speed-chart.tsx'
import { TaskOutcome } from './task-outcome.tsx'
import { TrackChart } from './track-chart.tsx'
import { type LogFormat, useLogFormat } from './use-log-format.ts'
import { type Task, useTask } from './use-task.ts'

/** Where the ship of an NMEA 0183 log went, how fast, and how sound the log is. */
export function TrackPreview({ reading, signal }: KindProps) {
  const read: Task<LogSummary> = useCallback((options) => readLog(reading, options), [reading])
  const { plainBytes } = reading.source
  return (
    <TaskOutcome of={useTask(read, plainBytes, signal)} totalBytes={plainBytes}>
      {(log) => <Log log={log} />}
    </TaskOutcome>
  )
}

function Log({ log }: { log: LogSummary }) {
  const { t } = usePreviewText()
  const format = useLogFormat(log.originMs)
  const { track, speed, otherLines } = log
  const tellsTimes = speed !== null || (track !== null && timesOf(track) !== null)
  const notes = [
    ...(otherLines > 0 ? [t('track.otherLines', { count: otherLines })] : []),
    ...(tellsTimes && log.originMs === null ? [t('track.noDate')] : []),
  ]
  return (
    <>
      <Figures figures={useFigures(log, format)} />
      {track === null ? (
        <p className="empty">{t('track.noTrack')}</p>
      ) : (
        <section className="preview-part" aria-label={t('track.title')}>
          <h3>{t('track.title')}</h3>
          <TrackChart track={track} format={format} />
        </section>
      )}
      {speed === null ? (
        <p className="quiet">{t('track.noSpeed')}</p>
      ) : (
        <section className="preview-part" aria-label={t('track.speedTitle')}>
          <h3>{t('track.speedTitle')}</h3>
          <SpeedChart speed={speed} format={format} />
        </section>
      )}
      <Kinds addresses={log.addresses} />
      {notes.length > 0 && <p className="below">{notes.join(' ')}</p>}
    </>
  )
}

function useFigures(log: LogSummary, format: LogFormat): Figure[] {
  const { t } = usePreviewText()
  const { count } = useFormat()
  const { sentences, badChecksums, addresses, track, speed } = log
  return [
    {
      label: t('track.sentences'),
      value: count(sentences),
      hint: t('track.sentencesOf', { count: addresses.length }),
    },
    {
      label: t('track.bad'),
      value: count(badChecksums),
      hint: t(badChecksums === 0 ? 'track.badNone' : 'track.badUnused'),
    },
    {
      label: t('track.positions'),
      value: count(track?.fixes ?? 0),
      hint:
        track === null
          ? t('track.positionsNone')
          : t('track.positionsFrom', { source: track.source }),
    },
    ...(track === null ? [] : voyageFigures(track, format, t)),
    ...(speed === null
      ? []
      : [
          {
            label: t('track.speed'),
            value: t('track.knots', { knots: format.knots(speed.meanKnots) }),
            hint: t('track.speedHint', {
              knots: format.knots(speed.highestKnots),
              source: speed.source,
            }),
          },
        ]),
  ]
}

function voyageFigures(track: Track, format: LogFormat, t: PreviewTranslate): Figure[] {
  const distance = {
    label: t('track.distance'),
    value: format.miles(track.distanceMetres),
    hint: t('track.distanceHint'),
  }
  const times = timesOf(track)
  if (times === null) return [distance]
  const [from, to] = times
  const hint = t('track.timeHint', { from: format.minute(from), to: format.minute(to) })
  return [distance, { label: t('track.time'), value: format.hours(to - from), hint }]
}

/** When a track begins and ends; null when the log tells no times. */
function timesOf({ points }: Track): [fromMs: number, toMs: number] | null {
  const [from, to] = [points[0]?.timeMs, points.at(-1)?.timeMs]
  return typeof from === 'number' && typeof to === 'number' ? [from, to] : null
}

/** Which sentences the log has, for those who want to know. */
function Kinds({ addresses }: { addresses: readonly AddressCount[] }) {
  const { t } = usePreviewText()
  const { count: countText } = useFormat()
  if (addresses.length === 0) return null
  return (
    <details className="preview-kinds">
      <summary>{t('track.kindsTitle')}</summary>
      <ul>
        {addresses.map(({ address, count }) => (
          <li key={address}>
            <span className="mono">{address}</span> {countText(count)}
          </li>
        ))}
      </ul>
    </details>
  )
}
