import { z } from 'zod'
import { pageQuery, queryId, queryInteger, timeRangeQuery } from './query-values.ts'
import {
  apiCount,
  apiId,
  apiName,
  apiPosition,
  millionths,
  objectIdText,
  pageOf,
} from './values.ts'

/** One change of a node's credit and its cause: a rating that counted, or one that the steward took back. */
export const apiRating = z.object({
  kind: z.enum(['rated', 'annulled']),
  nodeId: apiId,
  nodeName: apiName,
  clientId: apiId,
  clientName: apiName,
  sequence: apiCount,
  /** Of the rated receipt; null where its receipt is not in the index. */
  objectId: objectIdText.nullable(),
  score: z.int().min(1).max(5),
  /** See `RATING_CAUSES`. */
  causeCode: apiCount,
  beforeMillionths: millionths,
  /** What the contract said. */
  afterMillionths: millionths,
  /** What this rating and those before it make by the published rule. */
  recomputedMillionths: millionths,
  position: apiPosition,
})
export type ApiRating = z.infer<typeof apiRating>

export const ratingsQuery = z.strictObject({
  ...pageQuery.shape,
  ...timeRangeQuery.shape,
  nodeId: queryId.optional(),
  clientId: queryId.optional(),
  score: queryInteger(z.int().min(1).max(5)).optional(),
})
export type RatingsQuery = z.output<typeof ratingsQuery>

/** Newest first. */
export const apiRatings = pageOf(apiRating)
export type ApiRatings = z.infer<typeof apiRatings>

/** A node's credit over time. */
export const nodeCreditQuery = z.strictObject({ ...pageQuery.shape, ...timeRangeQuery.shape })
export type NodeCreditQuery = z.output<typeof nodeCreditQuery>
