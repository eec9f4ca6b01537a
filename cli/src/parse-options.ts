import { parseOpeningKey, type Recipient } from '@orlop/client-sdk/index'
import { OrlopError } from '@orlop/protocol/errors'

/** `['voyage=2203-E']` as `{ voyage: '2203-E' }`. @throws OrlopError `USAGE` for a label without a key or `=`. */
export function parseLabels(labels: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    labels.map((label) => {
      const at = label.indexOf('=')
      if (at > 0) return [label.slice(0, at), label.slice(at + 1)]
      throw new OrlopError('USAGE', `--label '${label}' is not of the form KEY=VALUE.`)
    }),
  )
}

/** A whole number of an option. @throws OrlopError `USAGE` naming the option. */
export function parseWhole(option: string, text: string): number {
  if (/^\d{1,10}$/.test(text)) return Number(text)
  throw new OrlopError('USAGE', `${option} takes a whole number, not '${text}'.`)
}

/** A client to share with: `7`, or pinned to its opening key as `7=KEY`. @throws OrlopError `USAGE` naming the option. */
export function parseRecipient(option: string, text: string): Recipient {
  const at = text.indexOf('=')
  if (at < 0) return parseWhole(option, text)
  const clientId = parseWhole(option, text.slice(0, at))
  return { clientId, openingKey: parseOpeningKey(text.slice(at + 1)) }
}

/** A time of an option as milliseconds. @throws OrlopError `USAGE` naming the option. */
export function parseTime(option: string, text: string): number {
  const timeMs = Date.parse(text)
  if (!Number.isNaN(timeMs)) return timeMs
  throw new OrlopError(
    'USAGE',
    `${option} '${text}' is not a time. Write it as 2022-03-22 or 2022-03-22T08:10Z.`,
  )
}

/** One of a table's names. @throws OrlopError `USAGE` listing them. */
export function parseChoice<N extends string>(
  option: string,
  table: Readonly<Record<N, unknown>>,
  text: string,
): N {
  const names = Object.keys(table) as N[]
  const found = names.find((name) => name === text)
  if (found !== undefined) return found
  throw new OrlopError('USAGE', `${option} takes one of ${names.join(', ')}; not '${text}'.`)
}

/** `0-1023` or `1024-` as a range, `end` exclusive. @throws OrlopError `USAGE`. */
export function parseRange(text: string): { start: number; end?: number } {
  const match = /^(\d{1,15})-(\d{1,15})?$/.exec(text)
  if (match === null) {
    throw new OrlopError(
      'USAGE',
      `--range '${text}' is not of the form FIRST-LAST, as in 0-1023 or 1024-.`,
    )
  }
  const start = Number(match[1])
  if (match[2] === undefined) return { start }
  const end = Number(match[2]) + 1
  if (end > start) return { start, end }
  throw new OrlopError('USAGE', `--range '${text}' ends before it begins.`)
}
