import type { TrackPoint } from '../nmea/track.ts'
import type { Projection } from './mercator.ts'

/** A place on the drawing. */
export interface Spot {
  readonly x: number
  readonly y: number
}

/** A fix at a round time. */
export interface TimeMark extends Spot {
  readonly timeMs: number
  /** Whether the line goes up to the right there, or down to the left. */
  readonly isRising: boolean
}

/** The track as the `d` of an SVG path: a line for each stretch without a gap, a dot for a fix on its own. */
export function drawTrack(points: readonly TrackPoint[], projection: Projection): string {
  return points
    .map((point, index) => {
      const { x, y } = spotOf(point, projection)
      const place = `${x.toFixed(1)} ${y.toFixed(1)}`
      if (!point.isStart) return `L${place}`
      const isAlone = points[index + 1]?.isStart !== false
      // A line of no length with round caps is a dot.
      return isAlone ? `M${place}h0` : `M${place}`
    })
    .join('')
}

export function spotOf(point: TrackPoint, { xOf, yOf }: Projection): Spot {
  return { x: xOf(point.longitude), y: yOf(point.latitude) }
}

const MINUTE_MS = 60_000
const MARK_STEPS_MINUTES = [10, 30, 60, 120, 360, 720, 1440, 2880, 10_080, 40_320]
const MOST_MARKS = 8
const LEAST_BETWEEN_PX = 56
/** The direction of a line is that of so many points. */
const DIRECTION_POINTS = 8
/** Share of a step by which the nearest fix may be late. */
const MARK_TOLERANCE = 0.05

/**
 * Fixes at round times of the log's clock, for labels along the track; none where a ship stays for long, or its labels would lie on
 * each other.
 *
 * @param taken - spots that have labels already.
 */
export function findTimeMarks(
  points: readonly TrackPoint[],
  projection: Projection,
  taken: readonly Spot[],
): TimeMark[] {
  const times = points.map(({ timeMs }) => timeMs).filter((timeMs) => timeMs !== null)
  const spanMinutes = ((times.at(-1) ?? 0) - (times[0] ?? 0)) / MINUTE_MS
  const step = MARK_STEPS_MINUTES.find((minutes) => spanMinutes / minutes <= MOST_MARKS)
  if (step === undefined) return []
  const stepMs = step * MINUTE_MS
  const marks: TimeMark[] = []
  let slot: number | null = null
  for (const [index, point] of points.entries()) {
    if (point.timeMs === null) continue
    const before: number | null = slot
    slot = Math.floor(point.timeMs / stepMs)
    const isAtMark = point.timeMs - slot * stepMs <= stepMs * MARK_TOLERANCE && !point.isStart
    if (before === null || before === slot || !isAtMark || marks.length === MOST_MARKS) continue
    const spot = spotOf(point, projection)
    const isFree = [...taken, ...marks].every(
      ({ x, y }) => Math.hypot(x - spot.x, y - spot.y) >= LEAST_BETWEEN_PX,
    )
    const earlier = spotOf(points[Math.max(0, index - DIRECTION_POINTS)] ?? point, projection)
    const isRising = (spot.x - earlier.x) * (spot.y - earlier.y) < 0
    if (isFree) marks.push({ ...spot, timeMs: slot * stepMs, isRising })
  }
  return marks
}
