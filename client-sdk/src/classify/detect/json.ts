import type { ContentFinding } from '../evidence.ts'
import { found, WEIGHTS } from '../evidence.ts'
import type { TextSample } from '../text-sample.ts'
import { countTerms, ENGINE_TERMS, VOYAGE_TERMS } from './terms.ts'

const MIN_TERMS = 2
const JSON_START = /^\ufeff?\s*(?:\{\s*(?:"|\})|\[\s*(?:[{["\d\-\]]|true|false|null))/

/** JSON and JSON lines: Signal K deltas, ISO 19848 packages, engine logs, route plans, GeoJSON. */
export function detectJson(sample: TextSample): ContentFinding | null {
  const { text } = sample
  if (!JSON_START.test(text)) return null
  const base = { format: 'json', mediaType: 'application/json' }
  if (/"updates"\s*:\s*\[/.test(text) && /"values"\s*:\s*\[/.test(text)) {
    const detail = 'Signal K deltas: "updates" with "values".'
    return found({
      ...base,
      format: 'signal-k',
      dataClass: 'telemetry',
      weight: WEIGHTS.certain,
      detail,
    })
  }
  if (/"(?:TimeSeriesData|DataChannelList)"\s*:|"timeSeriesData"\s*:/.test(text)) {
    const detail = 'ISO 19848 package.'
    return found({
      ...base,
      format: 'iso-19848',
      dataClass: 'telemetry',
      weight: WEIGHTS.certain,
      detail,
    })
  }
  const keys = keysOf(text)
  const engineTerms = countTerms(ENGINE_TERMS, keys)
  const voyageTerms = countTerms(VOYAGE_TERMS, keys)
  if (engineTerms >= MIN_TERMS && engineTerms >= voyageTerms) {
    const detail = `JSON whose keys hold ${engineTerms} terms of engine logs.`
    return found({ ...base, dataClass: 'engine-log', weight: WEIGHTS.likely, detail })
  }
  if (voyageTerms >= MIN_TERMS) {
    const detail = `JSON whose keys hold ${voyageTerms} terms of voyage plans.`
    return found({ ...base, dataClass: 'voyage-plan', weight: WEIGHTS.likely, detail })
  }
  const isGeoJson = /"type"\s*:\s*"(?:FeatureCollection|Feature)"/.test(text)
  const detail = isGeoJson ? 'GeoJSON.' : 'JSON of no known kind.'
  const format = isGeoJson ? 'geojson' : 'json'
  return found({ ...base, format, dataClass: 'data', weight: WEIGHTS.container, detail })
}

/** The keys of the objects in the sample, one a line, written with spaces instead of `_` and camel case. */
function keysOf(text: string): string {
  const keys = new Set<string>()
  for (const [, key = ''] of text.matchAll(/"([^"\\]{1,64})"\s*:/g)) keys.add(key)
  return [...keys]
    .map((key) => key.replaceAll('_', ' ').replaceAll(/([a-z])([A-Z])/g, '$1 $2'))
    .join('\n')
}
