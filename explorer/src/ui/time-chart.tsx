import { useEffect, useRef, useState } from 'react'
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import { formatTime } from '../format/format-time.ts'
import { useChartColours, type ChartColours } from './theme.ts'

export interface ChartPoint {
  timeMs: number
  value: number
}

export interface TimeChartProps {
  /** Oldest first. */
  points: readonly ChartPoint[]
  kind: 'bars' | 'steps'
  /** What the chart says, for those who do not see it. */
  summary: string
  formatValue: (value: number) => string
  /** Top of the scale; by default just above the largest value. */
  maximum?: number
}

const HEIGHT_PX = 240
const FONT = '12px system-ui, sans-serif'

/** Values over time: bars for counts of whole hours or days, steps for a value that holds until it changes. */
export default function TimeChart(props: TimeChartProps) {
  const { points, kind, formatValue, maximum } = props
  const frame = useRef<HTMLDivElement>(null)
  const colours = useChartColours()
  const [tip, setTip] = useState<{ left: number; top: number; point: ChartPoint } | null>(null)
  useEffect(() => {
    const element = frame.current
    if (element === null) return
    const show = (chart: uPlot) => setTip(tipOf(chart, points))
    const chart = new uPlot(
      {
        ...optionsOf({ kind, colours, formatValue, maximum }),
        width: element.clientWidth,
        hooks: { setCursor: [show] },
      },
      [points.map(({ timeMs }) => timeMs / 1000), points.map(({ value }) => value)],
      element,
    )
    const fit = new ResizeObserver(() =>
      chart.setSize({ width: element.clientWidth, height: HEIGHT_PX }),
    )
    fit.observe(element)
    return () => {
      fit.disconnect()
      chart.destroy()
    }
  }, [points, kind, colours, formatValue, maximum])
  return (
    <div className="chart">
      <div ref={frame} role="img" aria-label={props.summary} />
      {tip !== null && (
        <div className="chart-tip" style={{ left: tip.left, top: tip.top }}>
          {formatValue(tip.point.value)}
          <small>{formatTime(tip.point.timeMs)?.slice(0, 16)} UTC</small>
        </div>
      )}
    </div>
  )
}

const TIP_WIDTH_PX = 150

function tipOf(chart: uPlot, points: readonly ChartPoint[]) {
  const point = points[chart.cursor.idx ?? -1]
  if (point === undefined || (chart.cursor.left ?? -1) < 0) return null
  const across = chart.valToPos(point.timeMs / 1000, 'x') + chart.over.offsetLeft
  const left = Math.max(0, Math.min(across + 10, chart.width - TIP_WIDTH_PX))
  return { left, top: 8, point }
}

interface Drawing extends Pick<TimeChartProps, 'kind' | 'formatValue'> {
  colours: ChartColours
  maximum: number | undefined
}

function optionsOf({ kind, colours, formatValue, maximum }: Drawing): Omit<uPlot.Options, 'width'> {
  const axis = {
    stroke: colours.ink,
    font: FONT,
    grid: { stroke: colours.grid, width: 1 },
    ticks: { show: false },
  }
  const paths =
    kind === 'bars'
      ? uPlot.paths.bars?.({ size: [0.75, 40], align: 1 })
      : uPlot.paths.stepped?.({ align: 1 })
  return {
    height: HEIGHT_PX,
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), 'Etc/UTC'),
    cursor: { y: false, drag: { x: false, y: false }, points: { show: kind === 'steps' } },
    scales: {
      // A bar stands for the time from its point on: the last one needs room too.
      ...(kind === 'bars' ? { x: { range: roomForLastBar } } : {}),
      y: { range: (_, __, highest) => [0, maximum ?? Math.max(4, highest * 1.1)] },
    },
    axes: [
      {
        ...axis,
        size: 26,
        grid: { show: false },
        values: axisTimes,
        ...{ label: 'UTC', labelSize: 18, labelFont: FONT },
      },
      { ...axis, size: 58, values: (_, values) => values.map(formatValue) },
    ],
    series: [
      {},
      {
        stroke: colours.mark,
        fill: kind === 'bars' ? colours.mark : colours.fill,
        width: kind === 'bars' ? 0 : 2,
        points: { show: false },
        ...(paths === undefined ? {} : { paths }),
      },
    ],
  }
}

function roomForLastBar({ data: [seconds] }: uPlot, first: number, last: number): [number, number] {
  return [first, last + (seconds[1] ?? last) - (seconds[0] ?? last)]
}

const DAY_S = 86_400

/** Times of day, and dates where a day begins. */
function axisTimes(_: uPlot, seconds: number[]): string[] {
  const areDays = (seconds[1] ?? 0) - (seconds[0] ?? 0) >= DAY_S
  return seconds.map((each) => {
    const text = formatTime(each * 1000) ?? ''
    return areDays || each % DAY_S === 0 ? text.slice(5, 10) : text.slice(11, 16)
  })
}
