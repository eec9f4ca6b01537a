import { formatAge, formatTime } from '../format/format-time.ts'
import { useText } from '../i18n/text.tsx'
import { useNow } from './now.ts'

/** A moment in UTC. */
export function Time({ timeMs }: { timeMs: number }) {
  const { t } = useText()
  const text = formatTime(timeMs)
  if (text === null) return t('common.none')
  return (
    <time className="nowrap" dateTime={new Date(timeMs).toISOString()}>
      {text} {t('common.utc')}
    </time>
  )
}

/** How long ago something was, with the moment as a title. */
export function Age({ timeMs }: { timeMs: number }) {
  const { t, locale } = useText()
  const nowMs = useNow()
  const text = formatTime(timeMs)
  if (text === null) return t('common.none')
  return (
    <time
      className="nowrap"
      dateTime={new Date(timeMs).toISOString()}
      title={`${text} ${t('common.utc')}`}
      data-whole={`${text} ${t('common.utc')}`}
    >
      {formatAge(timeMs, Math.max(nowMs, timeMs), locale)}
    </time>
  )
}

/** Until when something is kept: the day. */
export function Expiry({ seconds }: { seconds: number }) {
  const { t } = useText()
  const text = formatTime(seconds * 1000)
  if (text === null) return t('common.none')
  return (
    <time
      className="nowrap"
      dateTime={new Date(seconds * 1000).toISOString()}
      title={`${text} ${t('common.utc')}`}
    >
      {text.slice(0, 10)}
    </time>
  )
}
