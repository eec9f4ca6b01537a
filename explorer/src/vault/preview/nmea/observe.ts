import type { Sentence } from './parse-line.ts'

/** A place in degrees, north and east positive. */
export interface Position {
  readonly latitude: number
  readonly longitude: number
}

/** What one sentence tells about the ship's own voyage. */
export interface Observation {
  /** UTC since midnight. */
  readonly timeOfDayMs: number | null
  /** Midnight UTC of the day, since the epoch. */
  readonly dateMs: number | null
  /** `none` when the receiver says that it has no fix; null when the sentence is not about positions. */
  readonly position: Position | 'none' | null
  /** Over ground. */
  readonly speedKnots: number | null
}

const NOTHING: Observation = { timeOfDayMs: null, dateMs: null, position: null, speedKnots: null }

type Fields = readonly string[]

/** By formatter (IEC 61162-1, 8.3); field numbers are its order less one. */
const READERS: Readonly<Record<string, (fields: Fields) => Observation>> = {
  GGA: (fields) => ({
    ...NOTHING,
    timeOfDayMs: readTimeOfDay(fields[0]),
    position: readPosition(fields.slice(1, 5), /^[1-9]$/.test(fields[5] ?? '')),
  }),
  GLL: (fields) => ({
    ...NOTHING,
    timeOfDayMs: readTimeOfDay(fields[4]),
    // Receivers from before version 2 of the standard send no status.
    position: readPosition(fields.slice(0, 4), fields.length <= 5 || fields[5] === 'A'),
  }),
  GNS: (fields) => ({
    ...NOTHING,
    timeOfDayMs: readTimeOfDay(fields[0]),
    // One letter for each satellite system; a fix needs one that is in use.
    position: readPosition(fields.slice(1, 5), /[^N]/.test(fields[5] ?? '')),
  }),
  RMC: (fields) => ({
    timeOfDayMs: readTimeOfDay(fields[0]),
    dateMs: readDate(fields[8]),
    position: readPosition(fields.slice(2, 6), fields[1] === 'A'),
    speedKnots: fields[1] === 'A' ? readSpeed(fields[6]) : null,
  }),
  VTG: (fields) => ({
    ...NOTHING,
    speedKnots: fields[5] === 'N' && fields[8] !== 'N' ? readSpeed(fields[4]) : null,
  }),
  ZDA: (fields) => ({
    ...NOTHING,
    timeOfDayMs: readTimeOfDay(fields[0]),
    dateMs: readDay(fields[1], fields[2], fields[3]),
  }),
}

const FORMATTER_AT = 2
const ADDRESS_CHARACTERS = 5

/** What the sentence tells, whichever talker sent it; null when it is of another kind. */
export function observe({ address, fields }: Sentence): Observation | null {
  // Addresses that begin with P are a maker's own, with a meaning of the maker's own (IEC 61162-1, 7.2.2.3).
  if (address.length !== ADDRESS_CHARACTERS || address.startsWith('P')) return null
  const formatter = address.slice(FORMATTER_AT)
  return Object.hasOwn(READERS, formatter) ? (READERS[formatter]?.(fields) ?? null) : null
}

/** @param fields - latitude, N or S, longitude, E or W. */
function readPosition(fields: Fields, isValid: boolean): Position | 'none' {
  if (!isValid) return 'none'
  const latitude = readAngle(fields[0], fields[1], { digits: 2, letters: 'NS' })
  const longitude = readAngle(fields[2], fields[3], { digits: 3, letters: 'EW' })
  return latitude === null || longitude === null ? 'none' : { latitude, longitude }
}

/** Degrees and minutes as `dddmm.mm`. */
function readAngle(
  text = '',
  letter = '',
  { digits, letters }: { digits: 2 | 3; letters: 'NS' | 'EW' },
): number | null {
  if (!/^\d{4,5}(\.\d{1,12})?$/.test(text) || letter === '' || !letters.includes(letter))
    return null
  const degrees = Number(text.slice(0, digits))
  const minutes = Number(text.slice(digits))
  const angle = degrees + minutes / 60
  if (text.search(/\.|$/) !== digits + 2 || minutes >= 60 || angle > (digits === 2 ? 90 : 180)) {
    return null
  }
  return letter === letters[0] ? angle : -angle
}

const MAX_SPEED_KNOTS = 1000

function readSpeed(text = ''): number | null {
  if (!/^\d{1,4}(\.\d{1,12})?$/.test(text)) return null
  const knots = Number(text)
  return knots <= MAX_SPEED_KNOTS ? knots : null
}

/** `hhmmss.ss`; a leap second counts as the one before it. */
function readTimeOfDay(text = ''): number | null {
  const match = /^(\d\d)(\d\d)(\d\d(?:\.\d{1,12})?)$/.exec(text)
  if (match === null) return null
  const [hours, minutes, seconds] = [Number(match[1]), Number(match[2]), Number(match[3])]
  if (hours > 23 || minutes > 59 || seconds >= 61) return null
  return (hours * 60 + minutes) * 60_000 + Math.round(Math.min(seconds, 59.999) * 1000)
}

/** `ddmmyy`: RMC has two digits of the year. Satellite navigation began in 1980. */
function readDate(text = ''): number | null {
  const match = /^(\d\d)(\d\d)(\d\d)$/.exec(text)
  if (match === null) return null
  const year = Number(match[3])
  return readDay(match[1], match[2], String(year < 80 ? 2000 + year : 1900 + year))
}

function readDay(day = '', month = '', year = ''): number | null {
  if (!/^\d{1,2}$/.test(day) || !/^\d{1,2}$/.test(month) || !/^\d{4}$/.test(year)) return null
  const date = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)))
  const isReal = date.getUTCDate() === Number(day) && date.getUTCMonth() === Number(month) - 1
  return isReal ? date.getTime() : null
}
