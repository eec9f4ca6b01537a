import { OrlopError } from './errors.ts'

/** What the data is. The code is public on the ledger where the policy discloses it; 0 otherwise. */
export const DATA_CLASSES = {
  undisclosed: 0,
  'voyage-plan': 1,
  'chart-export': 2,
  'vdr-export': 3,
  'nmea-log': 4,
  image: 5,
  video: 6,
  document: 7,
  'engine-log': 8,
  telemetry: 9,
  log: 10,
  archive: 11,
  data: 12,
} as const

export type DataClass = keyof typeof DATA_CLASSES

/** How much the data matters; a lower number goes first. */
export const IMPORTANCES = { critical: 1, important: 2, routine: 3 } as const

export type Importance = keyof typeof IMPORTANCES

/** How much a node carries. Codes as on the ledger. */
export const TIERS = { heavy: 1, light: 2 } as const

export type Tier = keyof typeof TIERS

/** The name of `code` in one of the tables above. @throws OrlopError `VERSION_UNSUPPORTED` for a code this version does not know. */
export function nameOfCode<N extends string>(table: Readonly<Record<N, number>>, code: number): N {
  for (const name of Object.keys(table) as N[]) if (table[name] === code) return name
  throw new OrlopError(
    'VERSION_UNSUPPORTED',
    `Code ${code} is not known to this version (known: ${Object.keys(table).join(', ')}). Update Orlop.`,
  )
}
