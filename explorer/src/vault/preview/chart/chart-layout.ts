import type { TrackPoint } from '../nmea/track.ts'
import { type Graticule, makeGraticule } from './graticule.ts'
import { fitMercator, type Frame, type Projection } from './mercator.ts'
import { makeScaleBar, type ScaleBar } from './scale-bar.ts'
import { drawTrack, findTimeMarks, type Spot, spotOf, type TimeMark } from './track-path.ts'

/** Everything a drawing of a track needs to know, in pixels. */
export interface ChartLayout {
  readonly width: number
  readonly height: number
  readonly projection: Projection
  readonly graticule: Graticule
  /** The `d` of an SVG path. */
  readonly path: string
  readonly start: Spot
  readonly end: Spot
  readonly marks: readonly TimeMark[]
  readonly scale: ScaleBar & Spot
}

const MARGIN = { left: 84, right: 10, top: 10, bottom: 38 }
const SCALE_INSET_PX = 16
const SCALE_SHARE = 0.25
const SCALE_HEIGHT_PX = 30

/** Height of a chart that is so wide. */
export function heightFor(width: number): number {
  return Math.round(Math.max(320, Math.min(560, width * 0.6)))
}

/**
 * Lays a track out on a chart.
 *
 * @param points - at least one.
 */
export function layOutChart(points: readonly TrackPoint[], width: number): ChartLayout {
  const height = heightFor(width)
  const frame = {
    left: MARGIN.left,
    top: MARGIN.top,
    width: Math.max(1, width - MARGIN.left - MARGIN.right),
    height: height - MARGIN.top - MARGIN.bottom,
  }
  const projection = fitMercator(points, frame)
  const spots = points.map((point) => spotOf(point, projection))
  const start = spots[0] ?? { x: 0, y: 0 }
  const end = spots.at(-1) ?? start
  return {
    width,
    height,
    projection,
    graticule: makeGraticule(projection),
    path: drawTrack(points, projection),
    start,
    end,
    marks: findTimeMarks(points, projection, [start, end]),
    scale: placeScale(projection, spots),
  }
}

/** A scale bar for the middle of the chart, in the lower corner that has less of the track. */
function placeScale({ frame, north, south, metresPerPixelAt }: Projection, spots: readonly Spot[]) {
  const bar = makeScaleBar(metresPerPixelAt((north + south) / 2), frame.width * SCALE_SHARE)
  const y = frame.top + frame.height - SCALE_INSET_PX
  const corners = [
    frame.left + SCALE_INSET_PX,
    frame.left + frame.width - SCALE_INSET_PX - bar.widthPx,
  ].map((x) => ({ x, under: countUnder(spots, { x, y, width: bar.widthPx }) }))
  const [left, right] = corners
  const x = (right !== undefined && left !== undefined && right.under < left.under ? right : left)
    ?.x
  return { ...bar, x: x ?? frame.left, y }
}

function countUnder(spots: readonly Spot[], bar: Spot & Pick<Frame, 'width'>): number {
  return spots.filter(
    ({ x, y }) =>
      x >= bar.x - SCALE_INSET_PX &&
      x <= bar.x + bar.width + SCALE_INSET_PX &&
      y >= bar.y - SCALE_HEIGHT_PX,
  ).length
}
