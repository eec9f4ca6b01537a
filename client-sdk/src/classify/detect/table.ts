import type { ContentFinding } from '../evidence.ts'
import { found, WEIGHTS } from '../evidence.ts'
import type { TextSample } from '../text-sample.ts'
import { countTerms, ENGINE_TERMS, VOYAGE_TERMS } from './terms.ts'

const SEPARATORS = [',', ';', '\t', '|'] as const
const MIN_ROWS = 2
const MAX_ROWS = 50
const MIN_SAME_SHARE = 0.8
const MIN_TERMS = 2
const TIME_COLUMN = /\b(?:time|date|timestamp|utc|epoch)\b|时间|日期/i

/** Tables as text (CSV and its kin): engine logs by their headings, time series by a time column. */
export function detectTable(sample: TextSample): ContentFinding | null {
  const rows = sample.lines.slice(0, MAX_ROWS)
  const separator = SEPARATORS.find((candidate) => isTable(rows, candidate))
  if (separator === undefined) return null
  const format = separator === '\t' ? 'tsv' : 'csv'
  const base = {
    format,
    mediaType: separator === '\t' ? 'text/tab-separated-values' : 'text/csv',
  }
  const heading = rows.slice(0, 2).join('\n')
  const engineTerms = countTerms(ENGINE_TERMS, heading.replaceAll('_', ' '))
  const voyageTerms = countTerms(VOYAGE_TERMS, heading)
  if (engineTerms >= MIN_TERMS && engineTerms >= voyageTerms) {
    const detail = `A table whose heading has ${engineTerms} terms of engine logs.`
    return found({ ...base, dataClass: 'engine-log', weight: WEIGHTS.likely, detail })
  }
  if (voyageTerms >= MIN_TERMS) {
    const detail = `A table whose heading has ${voyageTerms} terms of voyage plans.`
    return found({ ...base, dataClass: 'voyage-plan', weight: WEIGHTS.likely, detail })
  }
  if (TIME_COLUMN.test(rows[0] ?? '') && isNumeric(rows.slice(1), separator)) {
    const detail = 'A table of numbers with a time column.'
    return found({ ...base, dataClass: 'telemetry', weight: WEIGHTS.loose, detail })
  }
  return found({
    ...base,
    dataClass: 'data',
    weight: WEIGHTS.container,
    detail: `A table of ${String((rows[0] ?? '').split(separator).length)} columns.`,
  })
}

function isTable(rows: readonly string[], separator: string): boolean {
  const columns = (rows[0] ?? '').split(separator).length
  if (columns < 2 || rows.length < MIN_ROWS) return false
  const same = rows.filter((row) => row.split(separator).length === columns).length
  return same >= MIN_SAME_SHARE * rows.length
}

/** Whether at least half of the fields are numbers. */
function isNumeric(rows: readonly string[], separator: string): boolean {
  const fields = rows.flatMap((row) => row.split(separator))
  const numbers = fields.filter((field) =>
    /^\s*"?[-+]?\d+(?:[.,]\d+)?(?:e[-+]?\d+)?"?\s*$/i.test(field),
  )
  return numbers.length * 2 >= fields.length
}
