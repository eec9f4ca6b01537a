import { DATA_CLASSES } from '@orlop/protocol/data-classes'
import type { en } from '../i18n/en.ts'

export type ClassKey = keyof (typeof en)['class']
export type CauseKey = keyof (typeof en)['cause']
export type LevelKey = keyof (typeof en)['level']

const CLASS_KEYS = new Map<number, ClassKey>(
  Object.entries(DATA_CLASSES).map(([name, code]) => [code, name.replace('-', '_') as ClassKey]),
)

/**
 * Names of `RATING_CAUSES` by code. The table itself stands with the signed messages, and would bring the code that signs them into
 * every page.
 */
const CAUSE_KEYS: readonly CauseKey[] = [
  'unknown',
  'stored_well',
  'slow',
  'interrupted',
  'unreachable',
  'wrong_data',
  'late_record',
  'client_judgement',
]

const LEVEL_KEYS: readonly (LevelKey | null)[] = [null, 'one', 'two', 'three']

/** The catalogue's key for a class of data; `unknown` for codes of later versions. */
export function classKey(code: number): ClassKey {
  return CLASS_KEYS.get(code) ?? 'unknown'
}

/** The codes that a reader may filter by. */
export const KNOWN_CLASS_CODES: readonly number[] = [...CLASS_KEYS.keys()]

/** The catalogue's key for the cause of a rating; `unknown` for codes of later versions. */
export function causeKey(code: number): CauseKey {
  return CAUSE_KEYS[code] ?? 'unknown'
}

/** The catalogue's key for what a level means; null for levels of later versions. */
export function levelKey(level: number): LevelKey | null {
  return LEVEL_KEYS[level] ?? null
}
