import type { ContentFinding } from '../evidence.ts'
import { found, WEIGHTS } from '../evidence.ts'
import type { TextSample } from '../text-sample.ts'

/** Text forms in which NMEA 2000 frames are recorded, one frame a line. */
const FORMS = [
  {
    format: 'n2k-canboat',
    // time, priority, PGN, source, destination, length, data bytes
    line: /^\d{4}-\d\d-\d\d[T-]\d\d:\d\d:\d\d[^,]*,\d,\d{4,6},\d{1,3},\d{1,3},\d{1,3}(?:,[0-9a-fA-F]{2})+\s*$/,
  },
  {
    format: 'n2k-candump',
    // candump -L, and candump's screen form; 29-bit identifiers only
    line: /^\s*(?:\(\d+\.\d+\)\s+)?v?s?l?can\d+\s+(?:[0-9A-F]{8}#[0-9A-F]{0,16}|[0-9A-F]{8}\s+\[\d\](?:\s+[0-9A-F]{2})*)\s*$/i,
  },
  {
    format: 'n2k-actisense-ascii',
    line: /^A\d{6}\.\d{3} [0-9A-F]{5} [0-9A-F]{5} [0-9A-F]+\s*$/,
  },
  {
    format: 'n2k-ydwg',
    line: /^\d\d:\d\d:\d\d\.\d{3} [RT] [0-9A-F]{8}(?: [0-9A-F]{2}){1,8}\s*$/,
  },
  { format: 'n2k-ikonvert', line: /^[$!]PDGY,\d+,/ },
  {
    format: 'n2k-canboat-json',
    line: /^\{"timestamp":"[^"]+","prio":\d,"src":\d+,"dst":\d+,"pgn":\d+,/,
  },
] as const
const MIN_FRAMES = 3
const MIN_SHARE = 0.7

/** Text logs of NMEA 2000 frames: canboat, candump, Actisense, Yacht Devices, iKonvert. */
export function detectNmea2000(sample: TextSample): ContentFinding | null {
  for (const { format, line } of FORMS) {
    const frames = sample.lines.filter((text) => line.test(text)).length
    if (frames < MIN_FRAMES || frames < MIN_SHARE * sample.lines.length) continue
    return found({
      dataClass: 'nmea-log',
      format,
      mediaType: 'text/plain',
      weight: WEIGHTS.certain,
      detail: `${frames} of ${sample.lines.length} sampled lines are NMEA 2000 frames (${format}).`,
    })
  }
  return null
}
