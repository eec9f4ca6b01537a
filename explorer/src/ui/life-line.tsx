import type { ApiObjectDetail } from '@orlop/protocol/api/objects'
import type { ReactNode } from 'react'
import { useText } from '../i18n/text.tsx'
import { useEventText } from './event-text.ts'
import { Time } from './time.tsx'

interface Station {
  key: string
  title: string
  text: string
  /** null for what happened off the ledger, at a time it does not tell. */
  timeMs: number | null
  isBad?: boolean
}

/** What happened to an object, from the ship's offer to its last change. */
export function LifeLine({ object }: { object: ApiObjectDetail }) {
  const stations = useStations(object)
  return (
    <ol className="life">
      {stations.map(({ key, title, text, timeMs, isBad }) => (
        <li key={key} data-off={timeMs === null} data-tone={isBad === true ? 'bad' : undefined}>
          <strong>{title}</strong>
          <When timeMs={timeMs} />
          <small>{text}</small>
        </li>
      ))}
    </ol>
  )
}

function When({ timeMs }: { timeMs: number | null }): ReactNode {
  return timeMs === null ? null : <Time timeMs={timeMs} />
}

function useStations(object: ApiObjectDetail): Station[] {
  const { t, locale } = useText()
  const describe = useEventText()
  const { strips, ratings, events } = object
  const given = ratings.filter(({ kind }) => kind === 'rated')
  const [firstRating] = given
  const rated = given.filter(({ isCounted }) => isCounted)
  const uncounted = given.length - rated.length
  const mean = rated.reduce((sum, { score }) => sum + score, 0) / Math.max(1, rated.length)
  const oneDigit = new Intl.NumberFormat(locale, { maximumFractionDigits: 1 })
  const ratedTexts = [
    ...(rated.length === 0
      ? []
      : [t('object.ratedText', { count: rated.length, mean: oneDigit.format(mean) })]),
    ...(uncounted === 0 ? [] : [t('object.uncountedText', { count: uncounted })]),
  ]
  const nodes = new Set(strips.map(({ nodeId }) => nodeId)).size
  const later: Station[] = events.map((event, place) => ({
    key: `event-${place}`,
    timeMs: event.position.blockTimeMs,
    isBad: event.kind === 'removed',
    ...describe(event),
  }))
  return [
    { key: 'offered', title: t('object.offered'), text: t('object.offeredText'), timeMs: null },
    { key: 'answered', title: t('object.answered'), text: t('object.answeredText'), timeMs: null },
    {
      key: 'stored',
      title: t('object.stored'),
      text: t('object.storedText', { count: nodes }),
      timeMs: null,
    },
    {
      key: 'recorded',
      title: t('object.recorded'),
      text: t('object.recordedText', { count: strips.length }),
      timeMs: object.firstRecordedMs,
    },
    {
      key: 'rated',
      title: firstRating === undefined ? t('object.unrated') : t('object.rated'),
      text: ratedTexts.join(' '),
      timeMs: firstRating?.position.blockTimeMs ?? null,
    },
    ...later,
  ]
}
