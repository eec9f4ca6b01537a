import * as z from 'zod'
import { queryHash, recordsQuery } from './query-values.ts'
import { apiCount, apiId, apiName, apiPosition, hashText, objectIdText, pageOf } from './values.ts'

/** What became of a strip: as of the newest block and its time. */
export const stripState = z.enum(['live', 'moved', 'removed', 'expired'])
export type StripState = z.infer<typeof stripState>

/** A storage record: one strip of one object at one node. */
export const apiReceipt = z.object({
  objectId: objectIdText,
  clientId: apiId,
  clientName: apiName,
  nodeId: apiId,
  nodeName: apiName,
  /** The node's number for this receipt. */
  sequence: apiCount,
  index: apiCount,
  k: apiCount,
  m: apiCount,
  /** See `DATA_CLASSES`; 0 where the client does not disclose it, others may be unknown to this version. */
  classCode: apiCount,
  level: apiCount,
  /** The steward may move this strip. */
  isMovable: z.boolean(),
  streamBytes: apiCount,
  /** Unix seconds; later extensions included. */
  expirySeconds: apiCount,
  batchId: apiCount,
  headerHash: hashText,
  root: hashText,
  state: stripState,
  /** The score of its counted rating, 1 to 5; null where there is none, or none any more. */
  score: z.int().min(1).max(5).nullable(),
  position: apiPosition,
})
export type ApiReceipt = z.infer<typeof apiReceipt>

export const receiptsQuery = z.strictObject({
  ...recordsQuery.shape,
  transactionHash: queryHash.optional(),
})
export type ReceiptsQuery = z.output<typeof receiptsQuery>

/** Newest first. */
export const apiReceipts = pageOf(apiReceipt)
export type ApiReceipts = z.infer<typeof apiReceipts>
