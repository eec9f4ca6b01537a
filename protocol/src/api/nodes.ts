import * as z from 'zod'
import { nodeState } from '../ledger-records.ts'
import { pageQuery, queryId } from './query-values.ts'
import { addressText, apiCount, apiId, apiName, apiTimeMs, millionths, pageOf } from './values.ts'

export const apiTier = z.enum(['heavy', 'light'])

export const apiNode = z.object({
  nodeId: apiId,
  account: addressText,
  name: apiName,
  peerId: z.string().max(128),
  addresses: z.array(z.string().max(256)).max(8),
  tier: apiTier,
  region: z.string().max(32),
  capacityBytes: apiCount,
  /** As of the last heartbeat. */
  freeBytes: apiCount,
  lastSeenMs: apiTimeMs,
  state: nodeState,
  isMaster: z.boolean(),
  /** What the contract says. */
  creditMillionths: millionths,
  /** What the events on the ledger make by the published rule. */
  recomputedMillionths: millionths,
  /** Both are the same. A difference is shown, never hidden. */
  isCreditConfirmed: z.boolean(),
  /** Counted ratings. */
  ratings: apiCount,
  /** Receipts ever recorded. */
  receipts: apiCount,
  liveStrips: apiCount,
  /** Of live strips. */
  liveBytes: apiCount,
  lastRecordedMs: apiTimeMs.nullable(),
})
export type ApiNode = z.infer<typeof apiNode>

export const nodesQuery = z.strictObject({
  ...pageQuery.shape,
  state: nodeState.optional(),
  tier: apiTier.optional(),
})
export type NodesQuery = z.output<typeof nodesQuery>

/** By nodeId. */
export const apiNodes = pageOf(apiNode)
export type ApiNodes = z.infer<typeof apiNodes>

export const nodeParams = z.strictObject({ nodeId: queryId })
