import type { ContentFinding } from '../evidence.ts'
import { found, WEIGHTS } from '../evidence.ts'
import type { TextSample } from '../text-sample.ts'

type Outcome = Omit<ContentFinding, 'source' | 'detail'>

interface MarkupRule {
  readonly sign: RegExp
  readonly outcome: Outcome
  readonly detail: string
}

const XML = 'application/xml'
const RULES: readonly MarkupRule[] = [
  {
    // IEC 61174 annex S: route plan exchange format
    sign: /<(?:\w+:)?route\b[^>]*(?:cirm\.org\/RTZ|\bversion=)/i,
    outcome: outcome('voyage-plan', 'rtz', XML),
    detail: 'Root element of a route exchange file (RTZ).',
  },
  {
    // IEC 63173-1
    sign: /iho\.int\/S-?421|<(?:\w+:)?RoutePlan\b|<S421:/i,
    outcome: outcome('voyage-plan', 's-421', XML),
    detail: 'Namespace of an S-421 route plan.',
  },
  {
    sign: /<gpx\b[\s\S]*?<rte[\s>]/i,
    outcome: outcome('voyage-plan', 'gpx', 'application/gpx+xml'),
    detail: 'GPX with a planned route.',
  },
  {
    sign: /<gpx\b/i,
    outcome: outcome('telemetry', 'gpx', 'application/gpx+xml'),
    detail: 'GPX without a planned route.',
  },
  {
    // ISO 19848 packages
    sign: /<(?:\w+:)?(?:TimeSeriesData|DataChannelList)\b/i,
    outcome: outcome('telemetry', 'iso-19848', XML),
    detail: 'ISO 19848 package.',
  },
  {
    sign: /<kml\b/i,
    outcome: outcome('data', 'kml', 'application/vnd.google-earth.kml+xml', WEIGHTS.container),
    detail: 'Root element of KML.',
  },
  {
    sign: /<svg\b/i,
    outcome: outcome('image', 'svg', 'image/svg+xml'),
    detail: 'Root element of SVG.',
  },
  {
    sign: /<!doctype html|<html\b/i,
    outcome: outcome('document', 'html', 'text/html', WEIGHTS.container),
    detail: 'Root element of HTML.',
  },
]
const MARKUP_START = /^\ufeff?\s*<[?!a-z]/i

/** XML and HTML, by their root element and namespace. */
export function detectMarkup(sample: TextSample): ContentFinding | null {
  if (!MARKUP_START.test(sample.text)) return null
  for (const rule of RULES) {
    if (rule.sign.test(sample.text)) return found({ ...rule.outcome, detail: rule.detail })
  }
  if (!/^\ufeff?\s*<\?xml/i.test(sample.text)) return null
  return found({
    ...outcome('data', 'xml', XML, WEIGHTS.container),
    detail: 'XML of no known kind.',
  })
}

function outcome(
  dataClass: Outcome['dataClass'],
  format: string,
  mediaType: string,
  weight: number = WEIGHTS.certain,
): Outcome {
  return { dataClass, format, mediaType, weight }
}
