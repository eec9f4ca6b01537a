import type { ContentFinding } from '../evidence.ts'
import { found, WEIGHTS } from '../evidence.ts'
import type { TextSample } from '../text-sample.ts'
import { countTerms, VOYAGE_TERMS } from './terms.ts'

const PLAN_HEAD_CHARACTERS = 4096
const MIN_PLAN_TERMS = 3
const MIN_LOG_LINES = 3
const MIN_LOG_SHARE = 0.6
const LOG_LINE =
  /^\W{0,2}(?:\d{4}[-/]\d\d[-/]\d\d[T ,]+\d\d:\d\d|\d\d[./]\d\d[./]\d{2,4}[ ,]+\d\d:\d\d|\d\d:\d\d:\d\d\b|[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d|<\d+>|(?:TRACE|DEBUG|INFO|WARN(?:ING)?|ERROR|FATAL)\b|\d{10}(?:\d{3})?\b[;:, ])/
const SIGNAL_K_LOG = /^\d{13};[\w.-]+;/

/** Plain text: voyage plans by their words, logs by their lines, otherwise a document. */
export function detectText(sample: TextSample): ContentFinding {
  const base = { format: 'text', mediaType: 'text/plain' }
  const terms = countTerms(VOYAGE_TERMS, sample.text.slice(0, PLAN_HEAD_CHARACTERS))
  if (terms >= MIN_PLAN_TERMS) {
    const detail = `Text whose beginning has ${terms} terms of voyage plans.`
    return found({ ...base, dataClass: 'voyage-plan', weight: WEIGHTS.likely, detail })
  }
  if (/voyage data recorder|航行数据记录仪/i.test(sample.text.slice(0, PLAN_HEAD_CHARACTERS))) {
    const detail = 'Text that names a voyage data recorder at its beginning.'
    return found({ ...base, dataClass: 'vdr-export', weight: WEIGHTS.loose, detail })
  }
  const { lines } = sample
  const signalK = lines.filter((line) => SIGNAL_K_LOG.test(line)).length
  if (signalK >= MIN_LOG_LINES && signalK >= MIN_LOG_SHARE * lines.length) {
    const detail = `${signalK} of ${lines.length} sampled lines are a Signal K data log.`
    return found({
      ...base,
      format: 'signal-k-log',
      dataClass: 'telemetry',
      weight: WEIGHTS.certain,
      detail,
    })
  }
  const logged = lines.filter((line) => LOG_LINE.test(line)).length
  if (logged >= MIN_LOG_LINES && logged >= MIN_LOG_SHARE * lines.length) {
    const detail = `${logged} of ${lines.length} sampled lines begin with a time or a severity.`
    return found({ ...base, dataClass: 'log', weight: WEIGHTS.loose, detail })
  }
  return found({ ...base, dataClass: 'document', weight: WEIGHTS.container, detail: 'Plain text.' })
}
