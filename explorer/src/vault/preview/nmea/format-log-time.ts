const DAY_MS = 86_400_000

/** A time of a log's clock in words. */
export interface LogTime {
  /** `2022-03-22`; null when the log tells no date. */
  readonly date: string | null
  /** Days since the log's first, from 0. */
  readonly day: number
  /** `09:55:59`, UTC. */
  readonly time: string
}

/**
 * Reads a time of a log's clock.
 *
 * @param timeMs - since the midnight before the log's first time.
 * @param originMs - that midnight since the epoch; null when the log tells no date.
 */
export function readLogTime(timeMs: number, originMs: number | null): LogTime {
  const rounded = Math.round(timeMs)
  const day = Math.floor(rounded / DAY_MS)
  const text = new Date((originMs ?? 0) + rounded).toISOString()
  return { date: originMs === null ? null : text.slice(0, 10), day, time: text.slice(11, 19) }
}
