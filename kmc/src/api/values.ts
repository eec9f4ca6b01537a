import * as z from 'zod'
import { nameSchema } from '../keys/records.ts'

/** Most items of one page of a list. */
export const MAX_PAGE_ITEMS = 50
const DIGITS = /^(0|[1-9][0-9]{0,14})$/

export const nothing = z.strictObject({})

/** A whole number as it stands in an address: digits only. */
export function wholeNumber(bounds: { readonly min: number; readonly max: number }) {
  return z.codec(
    z.string().regex(DIGITS, 'expected a whole number'),
    z.int().min(bounds.min).max(bounds.max),
    { decode: Number, encode: String },
  )
}

/** How many items of a list are asked for at once. */
export const pageLimit = wholeNumber({ min: 1, max: MAX_PAGE_ITEMS })

/** One page of a list by name. */
export const namePage = z.strictObject({
  /** The last name of the page before. */
  after: nameSchema.optional(),
  limit: pageLimit.optional(),
})

export const timeMs = z.int().min(0)
