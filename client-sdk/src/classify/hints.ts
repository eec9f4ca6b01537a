import type { DataClass } from '@orlop/protocol/data-classes'

import type { Evidence, EvidenceSource } from './evidence.ts'
import { WEIGHTS } from './evidence.ts'

interface Hint {
  readonly dataClass: DataClass
  readonly words: RegExp
}

/** Words in names of files and folders. `_`, `-` and `.` count as spaces. */
const WORD_HINTS: readonly Hint[] = [
  {
    dataClass: 'voyage-plan',
    words: /\b(?:voyage|passage|route|sailing) ?plan|\broutes?\b|航行计划|航线计划|航次计划|航线/i,
  },
  { dataClass: 'vdr-export', words: /\bs?[ -]?vdr\d*\b|voyage data recorder|航行数据记录/i },
  { dataClass: 'chart-export', words: /\becdis\b|\benc root\b|\bcharts?\b|\bs-?(?:57|63)\b|海图/i },
  {
    dataClass: 'engine-log',
    words: /\bengine\b|\bmachinery\b|\bgenset\b|\bboiler\b|轮机|机舱|主机/i,
  },
  { dataClass: 'nmea-log', words: /\bnmea(?:\d+)?\b|\bn2k\b|\bais log\b/i },
  { dataClass: 'telemetry', words: /\btelemetry\b|\bsensors?\b|\bsignal ?k\b|遥测/i },
  { dataClass: 'log', words: /\b(?:sys|event|alarm|audit)?logs?\b|日志/i },
]

/** Extensions of formats that no magic bytes tell. */
const EXTENSION_HINTS: Readonly<Record<string, DataClass>> = {
  rtz: 'voyage-plan',
  rtzp: 'voyage-plan',
  vdr: 'vdr-export',
  nmea: 'nmea-log',
  n2k: 'nmea-log',
  ebl: 'nmea-log',
  log: 'log',
  md: 'document',
  txt: 'document',
}
/** A cell of an electronic chart, or its update: agency, usage band, name, update number (IHO S-57 appendix B.1, 5.6.3). */
const CHART_CELL = /^(?:[A-Z0-9]{2}[1-6][A-Z0-9]{5}\.\d{3}|CATALOG\.03[01])$/i

/** What the name of the file says. */
export function hintsOfName(name: string): Evidence[] {
  const evidence: Evidence[] = []
  const dot = name.lastIndexOf('.')
  const stem = dot > 0 ? name.slice(0, dot) : name
  const word = matchWords(stem)
  if (word !== null) evidence.push(hint('name', word, WEIGHTS.name, 'A word in the file name.'))
  if (CHART_CELL.test(name)) {
    evidence.push(hint('name', 'chart-export', WEIGHTS.name, 'The name of a chart cell.'))
  }
  const byExtension = EXTENSION_HINTS[name.slice(dot + 1).toLowerCase()]
  if (dot > 0 && byExtension !== undefined) {
    evidence.push(hint('name', byExtension, WEIGHTS.extension, 'The extension of the file name.'))
  }
  return evidence
}

/** What the folders above the file say; the nearest folder that says anything counts. */
export function hintsOfFolder(folder: string): Evidence[] {
  const folders = folder.split('/').reverse()
  for (const name of folders) {
    const word = matchWords(name)
    if (word !== null) return [hint('folder', word, WEIGHTS.folder, 'A word in a folder name.')]
  }
  return []
}

function matchWords(name: string): DataClass | null {
  const spaced = name.replaceAll(/[_\-.]+/g, ' ')
  return WORD_HINTS.find(({ words }) => words.test(spaced))?.dataClass ?? null
}

function hint(
  source: EvidenceSource,
  dataClass: DataClass,
  weight: number,
  what: string,
): Evidence {
  return { source, dataClass, weight, detail: `${what.slice(0, -1)} speaks for ${dataClass}.` }
}
