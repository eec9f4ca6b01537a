/** A `datetime-local` value read as UTC, in ms since the epoch; null when it is none. */
export function readUtcMinute(text: string): number | null {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?$/.test(text)) return null
  const timeMs = Date.parse(`${text}Z`)
  return Number.isNaN(timeMs) || timeMs < 0 ? null : timeMs
}
