import { encodeHex, encodeUtf8 } from '@orlop/crypto/bytes'
import { sha256 } from '@orlop/crypto/hash'
import { DEFAULT_PAGE_ITEMS } from '@orlop/protocol/api/query-values'
import { OrlopError } from '@orlop/protocol/errors'

/** What every list is asked with. */
interface ListQuery {
  cursor?: string | undefined
  limit?: number | undefined
  [filter: string]: string | number | boolean | undefined
}

/** Which part of a list is asked for. */
export interface PageRequest {
  limit: number
  /** The row that the page before ended with; null for the first page. */
  after: number | null
  /** Cuts what was read with a limit of one more, and names the next page. */
  cut<T extends { id: number }>(rows: T[]): { rows: T[]; nextCursor: string | null }
}

const FINGERPRINT_CHARACTERS = 12

/**
 * Reads a page's cursor and limit. A cursor is the number of the last row and a fingerprint of list and filter, so that one is not taken for
 * another.
 *
 * @throws OrlopError `USAGE` for a cursor that this list did not give for this filter.
 */
export function readPage(list: string, query: ListQuery): PageRequest {
  const { cursor, limit = DEFAULT_PAGE_ITEMS, ...filter } = query
  const fingerprint = fingerprintOf(list, filter)
  return {
    limit,
    after: cursor === undefined ? null : readCursor(cursor, fingerprint),
    cut: (rows) => {
      const kept = rows.slice(0, limit)
      const last = kept.at(-1)
      const isLast = rows.length <= limit || last === undefined
      return {
        rows: kept,
        nextCursor: isLast ? null : `${last.id.toString(36)}-${fingerprint}`,
      }
    },
  }
}

function readCursor(cursor: string, fingerprint: string): number {
  const [place = '', ofFilter] = cursor.split('-')
  const id = /^[0-9a-z]{1,11}$/.test(place) ? parseInt(place, 36) : NaN
  if (ofFilter === fingerprint && Number.isSafeInteger(id)) return id
  throw new OrlopError(
    'USAGE',
    'The cursor is not one that this list gave for this filter. Ask for the first page without a cursor, and for the next ones with its nextCursor.',
  )
}

function fingerprintOf(list: string, filter: Readonly<Record<string, unknown>>): string {
  const given = Object.entries(filter).filter(([, value]) => value !== undefined)
  given.sort(([left], [right]) => (left < right ? -1 : 1))
  const hash = sha256(encodeUtf8(JSON.stringify([list, given])))
  return encodeHex(hash).slice(0, FINGERPRINT_CHARACTERS)
}
