import { useEffect, useRef, useState } from 'react'
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import { type ChartColours, useChartColours } from '../../ui/theme.ts'
import { usePreviewText } from './i18n/preview-text.ts'
import type { Speed, SpeedSample } from './nmea/speed-series.ts'
import { withGaps } from './nmea/speed-gaps.ts'
import type { LogFormat } from './use-log-format.ts'

const HEIGHT_PX = 220
const FONT = '12px system-ui, sans-serif'
const TIP_WIDTH_PX = 170
const MINUTE_S = 60
const HOUR_S = 3600
/** Steps between times on the axis, which has no seconds. */
const STEPS_S = [
  ...[1, 2, 5, 10, 15, 30].map((minutes) => minutes * MINUTE_S),
  ...[1, 2, 3, 6, 12, 24, 48, 168, 720].map((hours) => hours * HOUR_S),
]

interface Tip {
  readonly left: number
  readonly sample: SpeedSample
}

/** Speed over time, with the same in words. */
export function SpeedChart({ speed, format }: { speed: Speed; format: LogFormat }) {
  const { t } = usePreviewText()
  const frame = useRef<HTMLDivElement>(null)
  const colours = useChartColours()
  const [tip, setTip] = useState<Tip | null>(null)
  useEffect(() => {
    const element = frame.current
    if (element === null) return
    const samples = withGaps(speed.samples)
    const chart = new uPlot(
      {
        ...optionsOf(colours, format),
        width: element.clientWidth,
        hooks: { setCursor: [(moved) => setTip(tipOf(moved, samples))] },
      },
      [samples.map(({ timeMs }) => timeMs / 1000), samples.map(({ knots }) => knots)],
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
  }, [speed, colours, format])
  const summary = t('track.speedSummary', {
    from: format.dateAndTime(speed.samples[0]?.timeMs ?? 0),
    to: format.dateAndTime(speed.samples.at(-1)?.timeMs ?? 0),
    mean: format.knots(speed.meanKnots),
    highest: format.knots(speed.highestKnots),
  })
  return (
    <>
      <div className="chart preview-speed">
        <div ref={frame} role="img" aria-label={summary} />
        {tip !== null && (
          <div className="chart-tip" style={{ left: tip.left, top: 8 }}>
            {t('track.knots', { knots: format.knots(tip.sample.knots) })}
            <small>{format.dateAndTime(tip.sample.timeMs)} UTC</small>
          </div>
        )}
      </div>
      <p className="below">{summary}</p>
    </>
  )
}

function tipOf(chart: uPlot, samples: readonly (SpeedSample | { knots: null })[]): Tip | null {
  const sample = samples[chart.cursor.idx ?? -1]
  if (sample === undefined || sample.knots === null || (chart.cursor.left ?? -1) < 0) return null
  const across = chart.valToPos(sample.timeMs / 1000, 'x') + chart.over.offsetLeft
  return { left: Math.max(0, Math.min(across + 10, chart.width - TIP_WIDTH_PX)), sample }
}

function optionsOf(colours: ChartColours, format: LogFormat): Omit<uPlot.Options, 'width'> {
  const axis = {
    stroke: colours.ink,
    font: FONT,
    grid: { stroke: colours.grid, width: 1 },
    ticks: { show: false },
  }
  return {
    height: HEIGHT_PX,
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), 'Etc/UTC'),
    cursor: { y: false, drag: { x: false, y: false } },
    scales: { y: { range: (_, __, highest) => [0, Math.max(2, highest * 1.1)] } },
    axes: [
      {
        ...axis,
        size: 30,
        grid: { show: false },
        incrs: STEPS_S,
        values: (_, seconds) => seconds.map((each) => format.minute(each * 1000)),
      },
      { ...axis, size: 58, values: (_, values) => values.map(format.axisKnots) },
    ],
    series: [{}, { stroke: colours.mark, fill: colours.fill, width: 1.5, points: { show: false } }],
  }
}
