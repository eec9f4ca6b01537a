/**
 * A time as ships write it: ISO 8601 date and time of day in UTC, to the second.
 *
 * @param timeMs - since the epoch; any number a ledger may hold.
 * @returns `2026-11-22 02:31:15`, or null for a time that no calendar has.
 */
export function formatTime(timeMs: number): string | null {
  const date = new Date(timeMs)
  if (Number.isNaN(date.getTime())) return null
  return date.toISOString().slice(0, 19).replace('T', ' ')
}

const STEPS = [
  { unit: 'year', ms: 365 * 86_400_000 },
  { unit: 'month', ms: 30 * 86_400_000 },
  { unit: 'day', ms: 86_400_000 },
  { unit: 'hour', ms: 3_600_000 },
  { unit: 'minute', ms: 60_000 },
  { unit: 'second', ms: 1000 },
] as const

/**
 * How long ago or until, in the largest unit that fits: `3 hr. ago`, `in 2 yr.`.
 *
 * @param locale - BCP 47.
 */
export function formatAge(timeMs: number, nowMs: number, locale: string): string {
  const distanceMs = timeMs - nowMs
  const { unit, ms } = STEPS.find((step) => Math.abs(distanceMs) >= step.ms) ?? STEPS[5]
  return new Intl.RelativeTimeFormat(locale, { numeric: 'auto', style: 'short' }).format(
    Math.trunc(distanceMs / ms),
    unit,
  )
}
