import type { Bar, BenchRow } from './bench.ts'
import type { Machine } from './machine.ts'

/** What came of one bench. */
export interface BenchResult {
  readonly name: string
  readonly measures: string
  readonly seconds: number
  readonly rows: readonly BenchRow[]
  readonly skipped: readonly { readonly what: string; readonly reason: string }[]
  /** Why there are no rows; null when there are. */
  readonly failure: string | null
}

/** What came of one run of benches; the document of `--json`. */
export interface BenchReport {
  readonly startedAt: string
  readonly seconds: number
  readonly isQuick: boolean
  readonly machine: Machine
  /** Load over 1, 5 and 15 minutes when the run had ended. */
  readonly loadAverageAfter: readonly number[]
  readonly benches: readonly BenchResult[]
}

const HEAD = ['', 'median', 'min', 'max', 'runs', 'unit', 'bar']

/** Writes a report for people. */
export function formatReport(report: BenchReport): string {
  const { machine } = report
  const lines = [
    `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, ${machine.system}, Node ${machine.node}`,
    `load average ${machine.loadAverage.join(' ')} before, ${report.loadAverageAfter.join(' ')} after`,
    ...(report.isQuick ? ['--quick: the figures say that it works, not how fast it is'] : []),
  ]
  for (const bench of report.benches) lines.push('', ...formatBench(bench))
  return lines.join('\n')
}

function formatBench({ name, measures, rows, skipped, failure, seconds }: BenchResult): string[] {
  return [
    `${name}: ${measures} (${seconds.toFixed(0)} s)`,
    ...(rows.length === 0 ? [] : formatTable([HEAD, ...rows.map(cellsOf)])),
    ...skipped.map(({ what, reason }) => `  skipped ${what}: ${reason}`),
    ...(failure === null ? [] : [`  failed: ${failure}`]),
  ]
}

function cellsOf({ metric, unit, bar, met, runs, ...row }: BenchRow): string[] {
  const numbers = [row.median, row.min, row.max].map(formatNumber)
  return [metric, ...numbers, String(runs), unit, bar === undefined ? '' : formatBar(bar, met)]
}

function formatBar(bar: Bar, met: boolean | undefined): string {
  const limit = 'atMost' in bar ? `≤ ${bar.atMost}` : `≥ ${bar.atLeast}`
  return `${limit} ${met === true ? 'met' : 'MISSED'}`
}

/** Three significant digits, or all of a whole number. */
export function formatNumber(value: number): string {
  if (Number.isInteger(value) || Math.abs(value) >= 1000) return value.toFixed(0)
  return Number(value.toPrecision(3)).toString()
}

function formatTable(rows: readonly (readonly string[])[]): string[] {
  const widths = HEAD.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  return rows.map((row) => {
    const cells = row.map((cell, column) => {
      const width = widths[column] ?? 0
      return column > 0 && column < 5 ? cell.padStart(width) : cell.padEnd(width)
    })
    return `  ${cells.join('  ')}`.trimEnd()
  })
}
