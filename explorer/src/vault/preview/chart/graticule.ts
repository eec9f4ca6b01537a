import { formatLatitude, formatLongitude, type MinuteDecimals } from './angle-text.ts'
import type { Projection } from './mercator.ts'

/** A line of the grid. */
export interface GridLine {
  /** Pixels from the left for a meridian, from the top for a parallel. */
  readonly at: number
  readonly label: string
}

/** A dark stretch of the chart's border, in pixels from the left or the top. */
export interface Band {
  readonly from: number
  readonly to: number
}

export interface Graticule {
  readonly meridians: readonly GridLine[]
  readonly parallels: readonly GridLine[]
  /** Every other half step between lines, as the border of a chart is graduated. */
  readonly bandsAcross: readonly Band[]
  readonly bandsDown: readonly Band[]
}

/** Thousandths of a minute, whole so that lines lie where their labels say. */
const MILLI = 1000
const STEPS_MINUTES = [
  0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 5400,
]
/** Room that a label needs. */
const LEAST_MERIDIAN_PX = 90
const LEAST_PARALLEL_PX = 64
/** Room for a label beside the corner of the frame. */
const CORNER_PX = 12

/** The grid of latitude and longitude: the closest round step whose labels have room. */
export function makeGraticule(projection: Projection): Graticule {
  const { frame, west, east, south, north, xOf, yOf } = projection
  const { left, top, width, height } = frame
  const across = {
    from: west,
    to: east,
    step: stepFor((east - west) * 60, width / LEAST_MERIDIAN_PX),
  }
  const down = {
    from: south,
    to: north,
    step: stepFor((north - south) * 60, height / LEAST_PARALLEL_PX),
  }
  const isWithin = (at: number, from: number, length: number) =>
    at >= from + CORNER_PX && at <= from + length - CORNER_PX
  return {
    meridians: linesBetween(across, xOf, formatLongitude).filter(({ at }) =>
      isWithin(at, left, width),
    ),
    parallels: linesBetween(down, yOf, formatLatitude).filter(({ at }) =>
      isWithin(at, top, height),
    ),
    bandsAcross: bandsBetween(across, xOf, { from: left, to: left + width }),
    bandsDown: bandsBetween(down, yOf, { from: top, to: top + height }),
  }
}

/** The smallest step that makes at most so many lines. */
function stepFor(spanMinutes: number, mostLines: number): number {
  const least = spanMinutes / Math.max(1, mostLines)
  const [largest = 5400] = STEPS_MINUTES.slice(-1)
  return STEPS_MINUTES.find((step) => step >= least) ?? Math.ceil(least / largest) * largest
}

/** Degrees, and the minutes between lines. */
interface GridRange {
  readonly from: number
  readonly to: number
  readonly step: number
}

function linesBetween(
  range: GridRange,
  place: (degrees: number) => number,
  format: (degrees: number, decimals: MinuteDecimals) => string,
): GridLine[] {
  const step = Math.round(range.step * MILLI)
  const decimals = step % MILLI === 0 ? 0 : step % 100 === 0 ? 1 : 2
  const lines: GridLine[] = []
  const last = Math.floor((range.to * 60 * MILLI) / step)
  for (let count = Math.ceil((range.from * 60 * MILLI) / step); count <= last; count++) {
    const degrees = (count * step) / (60 * MILLI)
    lines.push({ at: place(degrees), label: format(degrees, decimals) })
  }
  return lines
}

function bandsBetween(range: GridRange, place: (degrees: number) => number, edges: Band): Band[] {
  const half = range.step / 60 / 2
  const clamp = (at: number) => Math.max(edges.from, Math.min(edges.to, at))
  const bands: Band[] = []
  const first = Math.floor(range.from / half / 2) * 2
  for (let count = first; count * half < range.to; count += 2) {
    const [one, other] = [clamp(place(count * half)), clamp(place((count + 1) * half))]
    if (one !== other) bands.push({ from: Math.min(one, other), to: Math.max(one, other) })
  }
  return bands
}
