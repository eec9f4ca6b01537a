import type { ContentFinding } from '../evidence.ts'
import { found, WEIGHTS } from '../evidence.ts'
import type { TextSample } from '../text-sample.ts'

// Leader of a data descriptive record, ISO/IEC 8211 5.2.1 as IHO S-57 part 3, A.2 fixes it.
const ISO_8211_LEADER = /^\d{5}[123]LE1 \d{2}\d{5} ! \d{4}/
const LEADER_BYTES = 24
const S57_TAGS = ['DSID', 'DSSI', 'CATD', 'VRID', 'FRID']
const DIRECTORY_BYTES = 4096

/** Electronic charts: an IHO S-57 exchange set's ISO/IEC 8211 file. */
export function detectChart(head: Uint8Array): ContentFinding | null {
  const latin = new TextDecoder('latin1')
  if (!ISO_8211_LEADER.test(latin.decode(head.subarray(0, LEADER_BYTES)))) return null
  const directory = latin.decode(head.subarray(0, DIRECTORY_BYTES))
  const tags = S57_TAGS.filter((tag) => directory.includes(tag))
  if (tags.length === 0) return null
  return found({
    dataClass: 'chart-export',
    format: 's-57',
    mediaType: 'application/octet-stream',
    weight: WEIGHTS.certain,
    detail: `ISO/IEC 8211 leader with the S-57 fields ${tags.join(', ')}.`,
  })
}

/** A chart permit file of IHO S-63 (PERMIT.TXT, section 4.3): `:DATE`, `:VERSION`, `:ENC`. */
export function detectChartPermit(sample: TextSample): ContentFinding | null {
  const [first = ''] = sample.lines
  if (!/^:DATE \d{8}/.test(first) || !sample.lines.some((line) => /^:(?:ENC|ECS)\s*$/.test(line))) {
    return null
  }
  return found({
    dataClass: 'chart-export',
    format: 's-63-permit',
    mediaType: 'text/plain',
    weight: WEIGHTS.certain,
    detail: 'Header fields of an S-63 chart permit file.',
  })
}
