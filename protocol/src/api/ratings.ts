import * as z from 'zod'
import { pageQuery, queryFlag, queryId, queryInteger, timeRangeQuery } from './query-values.ts'
import {
  addressText,
  apiCount,
  apiId,
  apiName,
  apiPosition,
  apiReason,
  hashText,
  millionths,
  objectIdText,
  pageOf,
} from './values.ts'

/** What happened to a rating: given, taken back by the steward, objected to by the node, objection dismissed by the steward. */
export const ratingKind = z.enum(['rated', 'annulled', 'appealed', 'dismissed'])
export type RatingKind = z.infer<typeof ratingKind>

/** One event about a rating, with the rating it is about. */
export const apiRating = z.object({
  kind: ratingKind,
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
  /**
   * false for a rating beyond the four of each direction (3 to 5, 1 and 2) that one client has for one node and day: it stands on the
   * ledger and changes nothing. Only ratings that counted are objected to or taken back.
   */
  isCounted: z.boolean(),
  /** Where an event changes no credit, before and after are what it was. */
  beforeMillionths: millionths,
  /** What the contract said. */
  afterMillionths: millionths,
  /** What this rating and those before it make by the published rule. */
  recomputedMillionths: millionths,
  /** The steward's words; null where it has no part. */
  reason: apiReason.nullable(),
  /** The steward's account. */
  steward: addressText.nullable(),
  /** SHA-256 of the reasons of a node that objects, which it keeps; null for other events. */
  reasonHash: hashText.nullable(),
  position: apiPosition,
})
export type ApiRating = z.infer<typeof apiRating>

export const ratingsQuery = z.strictObject({
  ...pageQuery.shape,
  ...timeRangeQuery.shape,
  nodeId: queryId.optional(),
  clientId: queryId.optional(),
  score: queryInteger(z.int().min(1).max(5)).optional(),
  kind: ratingKind.optional(),
  isCounted: queryFlag.optional(),
})
export type RatingsQuery = z.output<typeof ratingsQuery>

/** Newest first. */
export const apiRatings = pageOf(apiRating)
export type ApiRatings = z.infer<typeof apiRatings>

/** A node's credit over time: the events that changed it. */
export const nodeCreditQuery = z.strictObject({ ...pageQuery.shape, ...timeRangeQuery.shape })
export type NodeCreditQuery = z.output<typeof nodeCreditQuery>
