import type { ContentFinding } from '../evidence.ts'
import { found, WEIGHTS } from '../evidence.ts'
import type { TextSample } from '../text-sample.ts'

// IEC 61162-1, 5.3: start, talker and formatter (or P and maker), fields, `*`, two hexadecimal digits. A recorder may put a time
// or an IEC 61162-450 tag block before it.
const SENTENCE = /([$!])([A-Z][A-Z0-9]{2,9}),([^*$!]*)(?:\*([0-9A-Fa-f]{2}))?\s*$/
const MIN_SENTENCES = 3
const MIN_SHARE = 0.7
const MIN_VALID_SHARE = 0.5

/** Text lines of NMEA 0183 (IEC 61162-1), checked by their checksums. */
export function detectNmea0183(sample: TextSample): ContentFinding | null {
  let sentences = 0
  let valid = 0
  for (const line of sample.lines) {
    const match = SENTENCE.exec(line)
    if (match === null) continue
    sentences += 1
    if (hasValidChecksum(line, match)) valid += 1
  }
  if (sentences < Math.min(MIN_SENTENCES, sample.lines.length) || sentences === 0) return null
  if (sentences < MIN_SHARE * sample.lines.length || valid < MIN_VALID_SHARE * sentences)
    return null
  return found({
    dataClass: 'nmea-log',
    format: 'nmea-0183',
    mediaType: 'text/plain',
    weight: WEIGHTS.certain,
    detail: `${sentences} of ${sample.lines.length} sampled lines are NMEA 0183 sentences, ${valid} with a valid checksum.`,
  })
}

/** The exclusive or of all characters between the start delimiter and `*` (IEC 61162-1, 7.3.4). */
function hasValidChecksum(line: string, match: RegExpExecArray): boolean {
  const declared = match[4]
  if (declared === undefined) return false
  const end = line.lastIndexOf('*')
  let checksum = 0
  for (let index = match.index + 1; index < end; index++) checksum ^= line.charCodeAt(index)
  return checksum === Number.parseInt(declared, 16)
}
