import { useMemo } from 'react'
import { usePreviewText } from './i18n/preview-text.ts'
import { METRES_PER_NAUTICAL_MILE } from './nmea/geodesy.ts'
import { readLogTime } from './nmea/format-log-time.ts'

/** How the values of a log look in the reader's language. */
export interface LogFormat {
  /** A time of the log's clock, with its date or the number of its day. */
  readonly dateAndTime: (timeMs: number) => string
  /** A time of the log's clock to the minute, without its date. */
  readonly minute: (timeMs: number) => string
  readonly miles: (metres: number) => string
  /** A round number of nautical miles. */
  readonly scale: (miles: number) => string
  readonly knots: (knots: number) => string
  /** A round speed beside an axis. */
  readonly axisKnots: (knots: number) => string
  readonly hours: (spanMs: number) => string
}

const MINUTE_MS = 60_000

/** @param originMs - the midnight that the log's times count from, since the epoch; null when it tells no date. */
export function useLogFormat(originMs: number | null): LogFormat {
  const { locale, t } = usePreviewText()
  return useMemo(() => {
    const oneDigit = new Intl.NumberFormat(locale, {
      minimumFractionDigits: 1,
      maximumFractionDigits: 1,
    })
    const round = new Intl.NumberFormat(locale, { maximumFractionDigits: 2 })
    return {
      dateAndTime: (timeMs) => {
        const { date, day, time } = readLogTime(timeMs, originMs)
        if (date !== null) return `${date} ${time}`
        return day === 0 ? time : `${t('track.day', { day: day + 1 })} ${time}`
      },
      minute: (timeMs) => readLogTime(timeMs, originMs).time.slice(0, 5),
      miles: (metres) =>
        t('track.miles', { miles: oneDigit.format(metres / METRES_PER_NAUTICAL_MILE) }),
      scale: (miles) => t('track.miles', { miles: round.format(miles) }),
      knots: (knots) => oneDigit.format(knots),
      axisKnots: (knots) => t('track.knots', { knots: round.format(knots) }),
      hours: (spanMs) => {
        const minutes = Math.round(spanMs / MINUTE_MS)
        return t('track.hours', { hours: Math.floor(minutes / 60), minutes: minutes % 60 })
      },
    }
  }, [locale, t, originMs])
}
