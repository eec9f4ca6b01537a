import * as z from 'zod'
import { parseObjectId, formatObjectId } from '../ids.ts'
import { apiId, apiTimeMs, hashText, objectIdText } from './values.ts'

/** Items of one page, at most, and where nothing is asked. */
export const MAX_PAGE_ITEMS = 200
export const DEFAULT_PAGE_ITEMS = 50
/** Longest cursor that is looked at. */
export const MAX_CURSOR_CHARACTERS = 256
/** Longest text that is searched for. */
export const MAX_SEARCH_CHARACTERS = 128

/** A whole number as it stands in a URL: digits only, so that neither `1e3` nor an empty text passes for a number. */
export function queryInteger<T extends z.ZodType<number, number>>(bounds: T) {
  return z
    .string()
    .regex(/^(0|[1-9][0-9]{0,15})$/, 'expected a whole number')
    .transform(Number)
    .pipe(bounds)
}

export const queryId = queryInteger(apiId)
/** Yes or no in a URL. */
export const queryFlag = z
  .enum(['true', 'false'])
  .transform((text) => text === 'true')
  .pipe(z.boolean())

export const queryTimeMs = queryInteger(apiTimeMs)

/** An object's name in a URL; the prefix may be missing, as `orlop ls` and people write it. */
export const queryObjectId = z
  .string()
  .max(64)
  .transform((text, context) => {
    try {
      return formatObjectId(parseObjectId(text))
    } catch {
      context.addIssue({ code: 'custom', message: 'expected orlop: and 52 base32 letters' })
      return z.NEVER
    }
  })
  .pipe(objectIdText)

/** A hash in a URL; case does not matter. */
export const queryHash = z
  .string()
  .max(66)
  .transform((text) => text.toLowerCase())
  .pipe(hashText)

export const pageQuery = z.strictObject({
  cursor: z
    .string()
    .max(MAX_CURSOR_CHARACTERS)
    .regex(/^[A-Za-z0-9_-]+$/, 'expected a cursor as nextCursor gave it')
    .optional(),
  limit: queryInteger(z.int().min(1).max(MAX_PAGE_ITEMS)).optional(),
})
export type PageQuery = z.output<typeof pageQuery>

/** Times of blocks, both inclusive. */
export const timeRangeQuery = z.strictObject({
  fromMs: queryTimeMs.optional(),
  toMs: queryTimeMs.optional(),
})

/** What lists of storage records, and of the objects they are of, are filtered by. */
export const recordsQuery = z.strictObject({
  ...pageQuery.shape,
  ...timeRangeQuery.shape,
  clientId: queryId.optional(),
  nodeId: queryId.optional(),
  classCode: queryInteger(z.int().min(0).max(0xffff)).optional(),
  level: queryInteger(z.int().min(0).max(255)).optional(),
  objectId: queryObjectId.optional(),
})
