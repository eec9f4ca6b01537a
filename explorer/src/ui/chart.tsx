import { lazy, Suspense } from 'react'
import type { TimeChartProps } from './time-chart.tsx'
import { Waiting } from './waiting.tsx'

const SHAPES = ['chart'] as const

// The charting library comes after the numbers, which need no chart to be read.
const TimeChart = lazy(() => import('./time-chart.tsx'))

export function Chart(props: TimeChartProps) {
  return (
    <Suspense fallback={<Waiting shapes={SHAPES} />}>
      <TimeChart {...props} />
    </Suspense>
  )
}
