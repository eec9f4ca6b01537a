import * as z from 'zod'
import { queryId, queryObjectId, recordsQuery } from './query-values.ts'
import { apiRating } from './ratings.ts'
import { apiReceipt } from './receipts.ts'
import {
  apiCount,
  apiId,
  apiName,
  apiPosition,
  apiTimeMs,
  hashText,
  objectIdText,
  pageOf,
} from './values.ts'

/** `live` while one strip is. */
export const objectState = z.enum(['live', 'removed', 'expired'])
export type ObjectState = z.infer<typeof objectState>

/** One object of one client: (clientId, objectId) names it. */
export const apiObject = z.object({
  objectId: objectIdText,
  clientId: apiId,
  clientName: apiName,
  classCode: apiCount,
  level: apiCount,
  k: apiCount,
  m: apiCount,
  state: objectState,
  receipts: apiCount,
  liveStrips: apiCount,
  /** Of one strip. */
  streamBytes: apiCount,
  /** Of live strips together. */
  liveBytes: apiCount,
  /** The latest of the live strips' expiries, or of all where none is live. */
  expirySeconds: apiCount,
  /** Newest version of its envelope on the ledger; null while the first one, which is not put there, is the newest. */
  envelopeVersion: apiCount.nullable(),
  firstRecordedMs: apiTimeMs,
  lastRecordedMs: apiTimeMs,
})
export type ApiObject = z.infer<typeof apiObject>

/** What changed an object after its receipts. `index` 255 means every strip. */
export const apiObjectEvent = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('extended'),
    objectId: objectIdText,
    clientId: apiId,
    index: apiCount,
    expirySeconds: apiCount,
    position: apiPosition,
  }),
  z.object({
    kind: z.literal('removed'),
    objectId: objectIdText,
    clientId: apiId,
    index: apiCount,
    position: apiPosition,
  }),
  z.object({
    kind: z.literal('moved'),
    objectId: objectIdText,
    clientId: apiId,
    index: apiCount,
    fromNodeId: apiId,
    fromSequence: apiCount,
    toNodeId: apiId,
    toSequence: apiCount,
    position: apiPosition,
  }),
  z.object({
    kind: z.literal('envelope'),
    objectId: objectIdText,
    clientId: apiId,
    version: apiCount,
    envelopeHash: hashText,
    position: apiPosition,
  }),
])
export type ApiObjectEvent = z.infer<typeof apiObjectEvent>

/** Receipts, changes and ratings shown of one object or transaction; beyond, `isTruncated` says so. */
export const MAX_DETAIL_ITEMS = 1000

/** An object and its life line, in ledger order. */
export const apiObjectDetail = apiObject.extend({
  headerHash: hashText,
  strips: z.array(apiReceipt),
  events: z.array(apiObjectEvent),
  ratings: z.array(apiRating),
  isTruncated: z.boolean(),
})
export type ApiObjectDetail = z.infer<typeof apiObjectDetail>

export const objectsQuery = recordsQuery
export type ObjectsQuery = z.output<typeof objectsQuery>

/** By their first receipt, newest first; a time range is about that receipt. */
export const apiObjects = pageOf(apiObject)
export type ApiObjects = z.infer<typeof apiObjects>

export const objectParams = z.strictObject({ clientId: queryId, objectId: queryObjectId })
