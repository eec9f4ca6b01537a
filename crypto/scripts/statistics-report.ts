import { LEAST_UNIFORMITY, leastPasses, SIGNIFICANCE } from '../src/randomness/judgement.ts'
import { upperGamma } from '../src/randomness/special-functions.ts'
import type { Source } from './statistics-sources.ts'

/** What one row of the battery says of all sequences of one source. */
export interface RowResult {
  readonly row: string
  readonly passes: number
  readonly uniformity: number
}

export interface SourceResult {
  readonly source: Source
  readonly rows: readonly RowResult[]
}

export interface ReportRequest {
  readonly sequenceCount: number
  readonly bitCount: number
  readonly command: string
  readonly machine: string
  readonly results: readonly SourceResult[]
}

/** The rows that do not pass. */
export function failedRows(rows: readonly RowResult[], sequenceCount: number): RowResult[] {
  return rows.filter(
    ({ passes, uniformity }) =>
      passes < leastPasses(sequenceCount) || uniformity < LEAST_UNIFORMITY,
  )
}

/** The table: a line for each row, for each source the passes and the uniformity. */
export function formatTable(results: readonly SourceResult[], sequenceCount: number): string {
  const [first] = results
  if (first === undefined) return ''
  const header = ['test', ...results.flatMap(({ source }) => [`${source.name}: passed`, 'P_T'])]
  const lines = first.rows.map(({ row }, index) => [
    row,
    ...results.flatMap(({ rows }) => {
      const result = rows[index]
      if (result === undefined) return ['', '']
      const mark = failedRows([result], sequenceCount).length > 0 ? ' **fails**' : ''
      return [`${result.passes}/${sequenceCount}${mark}`, result.uniformity.toFixed(4)]
    }),
  ])
  const rule = header.map((_, index) => (index === 0 ? '---' : '---:'))
  return [header, rule, ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}

/** Chance that too many sequences of a perfect source fail a row (Poisson's approximation). */
function chanceOfFewPasses(sequenceCount: number): number {
  const firstTooMany = sequenceCount - leastPasses(sequenceCount) + 1
  return 1 - upperGamma(firstTooMany, sequenceCount * SIGNIFICANCE)
}

function percent(share: number): string {
  return (100 * share).toPrecision(2)
}

/** The page `docs/chaos-statistics.md`. */
export function formatReport(request: ReportRequest): string {
  const { sequenceCount, bitCount, results } = request
  const summaries = results.map(({ source, rows }) => {
    const failed = failedRows(rows, sequenceCount)
    const lowest = Math.min(...rows.map(({ passes }) => passes))
    const leastEven = Math.min(...rows.map(({ uniformity }) => uniformity))
    return (
      `- **${source.name}** (${source.description}): ${failed.length} of ${rows.length} rows fail; ` +
      `lowest ${lowest}/${sequenceCount}, least P_T ${leastEven.toPrecision(2)}.`
    )
  })
  return `# Statistical tests of the chaotic keystream

Written by \`${request.command}\`; do not edit.

**Passing says nothing about security.** These tests find gross faults of a generator. The control is a generator whose whole output
anybody can compute from 64 bits; they cannot tell it from a good one. What is known against the cipher stands in
[chaotic-cipher.md](chaotic-cipher.md).

The fifteen tests of GM/T 0005-2021, with its settings for 10⁶ bits, and further settings from NIST SP 800-22 rev. 1a (the code is
\`crypto/src/randomness/\`, held to both norms' published examples), over ${sequenceCount} sequences of ${bitCount} bits from each source.

- A sequence passes a row with P ≥ ${SIGNIFICANCE}. A row passes with at least ${leastPasses(sequenceCount)} of ${sequenceCount} sequences (three standard deviations below the
  expected ${sequenceCount * (1 - SIGNIFICANCE)}) and P_T ≥ ${LEAST_UNIFORMITY}, where P_T says how evenly the Q-values are spread (GM/T 0005-2021 6.2 and 6.3).
- A perfect source fails a given row with a chance of ${percent(chanceOfFewPasses(sequenceCount))} %, so that a failing row now and then means nothing by itself. Rows that
  measure nearly the same fail together: runs, autocorrelation with d = 1 and serial with m = 2 are nearly one statistic.
- Linear complexity takes the first 400 blocks of each sequence.
- Machine: ${request.machine}.

## Outcome

${summaries.join('\n')}

## Rows

${formatTable(results, sequenceCount)}
`
}
