import { lazy, Suspense } from 'react'
import type { TimeChartProps } from './time-chart.tsx'
import { Loading } from './states.tsx'

// The charting library comes after the numbers, which need no chart to be read.
const TimeChart = lazy(() => import('./time-chart.tsx'))

export function Chart(props: TimeChartProps) {
  return (
    <Suspense fallback={<Loading lines={8} />}>
      <TimeChart {...props} />
    </Suspense>
  )
}
