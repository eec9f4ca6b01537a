import * as z from 'zod'
import { MAX_SEARCH_CHARACTERS } from './query-values.ts'
import { transactionKind } from './transactions.ts'
import { apiCount, apiId, apiName, hashText, objectIdText } from './values.ts'

/** Hits of one search. */
export const MAX_SEARCH_HITS = 50

export const searchQuery = z.strictObject({
  /** An object's name, the hash of a transaction, a strip's root, a ship's or node's name, id, IMO number, address or peer id. */
  q: z.string().trim().min(1).max(MAX_SEARCH_CHARACTERS),
})
export type SearchQuery = z.output<typeof searchQuery>

export const apiSearchHit = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('object'),
    clientId: apiId,
    clientName: apiName,
    objectId: objectIdText,
  }),
  z.object({
    kind: z.literal('transaction'),
    transactionHash: hashText,
    receipts: apiCount,
    kinds: z.array(transactionKind),
  }),
  z.object({ kind: z.literal('node'), nodeId: apiId, name: apiName }),
  z.object({
    kind: z.literal('client'),
    clientId: apiId,
    name: apiName,
    imoNumber: apiCount.nullable(),
  }),
])
export type ApiSearchHit = z.infer<typeof apiSearchHit>

/** The best hits first; an object, transaction or id named exactly comes before names that contain the text. */
export const apiSearch = z.object({ items: z.array(apiSearchHit).max(MAX_SEARCH_HITS) })
export type ApiSearch = z.infer<typeof apiSearch>
