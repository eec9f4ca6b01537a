import type { Question } from '../api/ask.ts'
import { readUtcMinute } from './utc-minute.ts'

export const RECORD_FILTERS = [
  'clientId',
  'nodeId',
  'classCode',
  'level',
  'from',
  'to',
  'objectId',
] as const
export type RecordFilter = (typeof RECORD_FILTERS)[number]

type Values = Record<RecordFilter, string>

/** What the gateway takes; anything else is half typed, and no question yet. */
const WHOLE = {
  clientId: /^[1-9]\d{0,8}$/,
  nodeId: /^[1-9]\d{0,8}$/,
  objectId: /^(orlop:)?[a-z2-7]{52}$/,
} as const satisfies Partial<Record<RecordFilter, RegExp>>
export type TypedFilter = keyof typeof WHOLE
export const TYPED_FILTERS = Object.keys(WHOLE) as TypedFilter[]

/** Whether a text was begun that filters nothing yet: it is not asked for, and its reader is told. */
export function isHalfTyped(name: TypedFilter, values: Values): boolean {
  const text = values[name].trim()
  return text !== '' && !WHOLE[name].test(text)
}

/** What to ask the gateway for these filters: records and objects take the same. */
export function questionOf(values: Values): Question {
  const typed = (name: TypedFilter) => (isHalfTyped(name, values) ? undefined : values[name].trim())
  return {
    query: {
      clientId: typed('clientId'),
      nodeId: typed('nodeId'),
      objectId: typed('objectId'),
      classCode: values.classCode,
      level: values.level,
      fromMs: readUtcMinute(values.from) ?? undefined,
      toMs: readUtcMinute(values.to) ?? undefined,
    },
  }
}
