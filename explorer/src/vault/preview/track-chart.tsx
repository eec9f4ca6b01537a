import { useMemo, useRef } from 'react'
import { formatLatitude, formatLongitude } from './chart/angle-text.ts'
import { type ChartLayout, layOutChart } from './chart/chart-layout.ts'
import type { Spot } from './chart/track-path.ts'
import { usePreviewText } from './i18n/preview-text.ts'
import type { Position } from './nmea/observe.ts'
import type { Track } from './nmea/track.ts'
import type { LogFormat } from './use-log-format.ts'
import { useWidth } from './use-width.ts'

/** A track on a Mercator chart with its grid of latitude and longitude, a scale in nautical miles, and the same in words. */
export function TrackChart({ track, format }: { track: Track; format: LogFormat }) {
  const element = useRef<HTMLDivElement>(null)
  const width = useWidth(element)
  const { points } = track
  const layout = useMemo(() => (width === 0 ? null : layOutChart(points, width)), [points, width])
  const summary = useSummary(track, format)
  return (
    <>
      <div className="track-chart" ref={element}>
        {layout !== null && (
          <svg width={layout.width} height={layout.height} role="img" aria-label={summary}>
            <Sea layout={layout} />
            <path className="track-line" d={layout.path} />
            <Marks layout={layout} track={track} format={format} />
            <Scale layout={layout} format={format} />
          </svg>
        )}
      </div>
      <p className="below">{summary}</p>
    </>
  )
}

function useSummary({ points, fixes, breaks }: Track, format: LogFormat): string {
  const { t } = usePreviewText()
  const [first] = points
  const last = points.at(-1)
  if (first === undefined || last === undefined) return ''
  const sentences = [
    t('track.summary', { count: fixes, from: placeText(first), to: placeText(last) }),
  ]
  if (first.timeMs !== null && last.timeMs !== null) {
    const [from, to] = [format.dateAndTime(first.timeMs), format.dateAndTime(last.timeMs)]
    sentences.push(t('track.times', { from, to }))
  }
  if (breaks > 0) sentences.push(t('track.breaks', { count: breaks }))
  return sentences.join(' ')
}

function placeText({ latitude, longitude }: Position): string {
  return `${formatLatitude(latitude, 2)} ${formatLongitude(longitude, 2)}`
}

const BORDER_PX = 5

/** The graduated border, the grid in it and the degrees along it. */
function Sea({ layout }: { layout: ChartLayout }) {
  const { graticule } = layout
  const { left, top, width, height } = layout.projection.frame
  return (
    <>
      <rect className="track-sea" x={left} y={top} width={width} height={height} />
      {graticule.meridians.map(({ at, label }) => (
        <g key={label}>
          <line className="track-grid" x1={at} x2={at} y1={top} y2={top + height} />
          <text x={at} y={top + height + 24} textAnchor="middle">
            {label}
          </text>
        </g>
      ))}
      {graticule.parallels.map(({ at, label }) => (
        <g key={label}>
          <line className="track-grid" x1={left} x2={left + width} y1={at} y2={at} />
          <text x={left - 13} y={at} dy="0.35em" textAnchor="end">
            {label}
          </text>
        </g>
      ))}
      <Border layout={layout} />
    </>
  )
}

function Border({ layout }: { layout: ChartLayout }) {
  const { left, top, width, height } = layout.projection.frame
  const { bandsAcross, bandsDown } = layout.graticule
  return (
    <>
      <path
        className="track-band"
        d={[
          ...bandsAcross.flatMap(({ from, to }) =>
            [top - BORDER_PX, top + height].map((y) => box(from, y, to - from, BORDER_PX)),
          ),
          ...bandsDown.flatMap(({ from, to }) =>
            [left - BORDER_PX, left + width].map((x) => box(x, from, BORDER_PX, to - from)),
          ),
        ].join('')}
      />
      <rect className="track-frame" x={left} y={top} width={width} height={height} />
      <rect
        className="track-frame"
        x={left - BORDER_PX}
        y={top - BORDER_PX}
        width={width + 2 * BORDER_PX}
        height={height + 2 * BORDER_PX}
      />
    </>
  )
}

/** A rectangle as part of an SVG path. */
function box(...[x, y, width, height]: readonly [number, number, number, number]): string {
  return `M${x} ${y}h${width}v${height}h${-width}z`
}

/** Start, end, and round times on the way. */
function Marks(props: { layout: ChartLayout; track: Track; format: LogFormat }) {
  const { t } = usePreviewText()
  const { layout, format } = props
  const { start, end, marks } = layout
  const { points } = props.track
  const [first] = points
  const last = points.at(-1)
  const timeOf = (timeMs: number | null | undefined) =>
    timeMs === null || timeMs === undefined ? '' : ` ${format.minute(timeMs)}`
  const isOne = points.length === 1
  const isEndAbove = end.y < start.y
  return (
    <>
      {marks.map((mark) => (
        <g key={mark.timeMs}>
          <circle className="track-mark" cx={mark.x} cy={mark.y} r={3} />
          <Label
            at={mark}
            isAbove={!mark.isRising}
            layout={layout}
            text={format.minute(mark.timeMs)}
          />
        </g>
      ))}
      <circle className="track-start" cx={start.x} cy={start.y} r={5.5} />
      <Label
        at={start}
        isAbove={!isEndAbove}
        layout={layout}
        text={`${t(isOne ? 'track.only' : 'track.start')}${timeOf(first?.timeMs)}`}
      />
      {!isOne && (
        <>
          <rect className="track-end" x={end.x - 5} y={end.y - 5} width={10} height={10} />
          <Label
            at={end}
            isAbove={isEndAbove}
            layout={layout}
            text={`${t('track.end')}${timeOf(last?.timeMs)}`}
          />
        </>
      )}
    </>
  )
}

/** Width of a character, about. */
const CHARACTER_PX = 8

/** Words beside a spot, on the side where the chart has room. */
function Label(props: { at: Spot; isAbove: boolean; layout: ChartLayout; text: string }) {
  const { at, isAbove, layout } = props
  const { frame } = layout.projection
  const isRight = at.x + 12 + props.text.length * CHARACTER_PX > frame.left + frame.width
  return (
    <text
      className="track-label"
      x={at.x + (isRight ? -9 : 9)}
      y={at.y + (isAbove ? -9 : 18)}
      textAnchor={isRight ? 'end' : 'start'}
    >
      {props.text}
    </text>
  )
}

function Scale({ layout: { scale }, format }: { layout: ChartLayout; format: LogFormat }) {
  const { x, y, widthPx, nauticalMiles } = scale
  return (
    <g>
      <path className="track-scale" d={`M${x} ${y - 5}v5h${widthPx}v-5`} />
      <text className="track-label" x={x + widthPx / 2} y={y - 9} textAnchor="middle">
        {format.scale(nauticalMiles)}
      </text>
    </g>
  )
}
