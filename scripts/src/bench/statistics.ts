import type { Bar, BenchRow } from './bench.ts'

/** What a row is made of. */
export interface Measured {
  readonly metric: string
  readonly unit: string
  /** One for each run, at least one. */
  readonly values: readonly number[]
  readonly bar?: Bar
}

/** Sums up the runs of one measurement. */
export function summarize({ metric, unit, values, bar }: Measured): BenchRow {
  const row = {
    metric,
    unit,
    median: median(values),
    min: Math.min(...values),
    max: Math.max(...values),
    runs: values.length,
  }
  return bar === undefined ? row : { ...row, bar, met: meets(row.median, bar) }
}

/** The middle value, or the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const upper = sorted[Math.floor(sorted.length / 2)]
  const lower = sorted[Math.floor((sorted.length - 1) / 2)]
  if (upper === undefined || lower === undefined) {
    throw new RangeError('values: expected at least one, got none')
  }
  return (lower + upper) / 2
}

/** The smallest value that `percent` of all values do not exceed (nearest rank). */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  const value = sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)]
  if (value === undefined) throw new RangeError('values: expected at least one, got none')
  return value
}

/** Divides run by run, so that a ratio compares what happened close together in time. */
export function ratios(ours: readonly number[], theirs: readonly number[]): number[] {
  if (ours.length !== theirs.length) {
    throw new RangeError(`theirs: expected ${ours.length} values, got ${theirs.length}`)
  }
  return ours.map((value, run) => value / (theirs[run] ?? NaN))
}

function meets(value: number, bar: Bar): boolean {
  return 'atMost' in bar ? value <= bar.atMost : value >= bar.atLeast
}
