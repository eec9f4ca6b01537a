import * as z from 'zod'

/**
 * Values of the gateway's REST answers, as JSON. Everything named on the ledger is text that strangers wrote: show it, never
 * interpret it. Answers gain fields in later versions; readers ignore those they do not know.
 */

/** `orlop:` and 52 base32 letters. */
export const objectIdText = z.string().regex(/^orlop:[a-z2-7]{52}$/)
/** 32 bytes: a hash, a root, a transaction. */
export const hashText = z.string().regex(/^0x[0-9a-f]{64}$/)
/** An EIP-55 address. */
export const addressText = z.string().regex(/^0x[0-9a-fA-F]{40}$/)
export const apiCount = z.int().nonnegative()
export const apiId = z.int().min(1).max(0xffff_ffff)
export const apiTimeMs = z.int().nonnegative()
export const millionths = z.int().min(0).max(1_000_000)
/** Names are bounded when they enter the ledger; what is shown is cut to this many characters. */
export const apiName = z.string().max(256)

/** What somebody gave as a reason, in words; may be empty. */
export const apiReason = z.string().max(256)

/** Where on the ledger something stands. */
export const apiPosition = z.object({
  blockNumber: apiCount,
  blockHash: hashText,
  blockTimeMs: apiTimeMs,
  transactionHash: hashText,
  logIndex: apiCount,
})
export type ApiPosition = z.infer<typeof apiPosition>

export const apiHead = z.object({
  blockNumber: apiCount,
  blockHash: hashText,
  blockTimeMs: apiTimeMs,
})
export type ApiHead = z.infer<typeof apiHead>

/** One page of a list. `nextCursor` asks for the next one with the same filter; null after the last. */
export function pageOf<T extends z.ZodType>(item: T) {
  return z.object({ items: z.array(item), nextCursor: z.string().nullable() })
}
export interface ApiPage<T> {
  items: T[]
  nextCursor: string | null
}
