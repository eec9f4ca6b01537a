import * as z from 'zod'
import { apiClassTotal } from './clients.ts'
import { apiReceipt } from './receipts.ts'
import { queryTimeMs } from './query-values.ts'
import { apiCount, apiHead, apiTimeMs } from './values.ts'

/** How far the index has come. */
export const apiProgress = z.object({
  /** The newest block in the index; null before the first. */
  indexed: apiHead.nullable(),
  /** The newest block the ledger told of; null before it answered. */
  head: apiHead.nullable(),
  isCaughtUp: z.boolean(),
})
export type ApiProgress = z.infer<typeof apiProgress>

export const apiBucket = z.object({
  startMs: apiTimeMs,
  receipts: apiCount,
  streamBytes: apiCount,
  ratings: apiCount,
})
export type ApiBucket = z.infer<typeof apiBucket>

export const apiOverview = z.object({
  progress: apiProgress,
  totals: z.object({
    receipts: apiCount,
    objects: apiCount,
    clients: apiCount,
    nodes: apiCount,
    /** Those that counted. */
    ratings: apiCount,
    liveStrips: apiCount,
    /** Of live strips. */
    liveBytes: apiCount,
    capacityBytes: apiCount,
    freeBytes: apiCount,
  }),
  nodeStates: z.object({
    pending: apiCount,
    admitted: apiCount,
    draining: apiCount,
    retired: apiCount,
  }),
  /** Nodes whose credit on the ledger is not what their ratings make. */
  creditDifferences: apiCount,
  /** The 24 hours up to the newest block, oldest first, empty hours included. */
  hours: z.array(apiBucket),
  /** Over every receipt, live or not. */
  classes: z.array(apiClassTotal),
  /** The newest receipts, newest first. */
  recent: z.array(apiReceipt),
})
export type ApiOverview = z.infer<typeof apiOverview>

export const HOUR_MS = 3_600_000
export const DAY_MS = 24 * HOUR_MS
/** Buckets of one answer; a longer time is refused. */
export const MAX_BUCKETS = 1000

export const statisticsQuery = z
  .strictObject({
    bucket: z.enum(['hour', 'day']),
    /** Block times, both inclusive; where missing, what the newest 24 hours or 30 days hold. */
    fromMs: queryTimeMs.optional(),
    toMs: queryTimeMs.optional(),
  })
  .refine(({ fromMs, toMs }) => fromMs === undefined || toMs === undefined || fromMs <= toMs, {
    error: 'expected fromMs not after toMs',
    path: ['fromMs'],
  })
export type StatisticsQuery = z.output<typeof statisticsQuery>

/** Buckets begin at whole hours or days UTC; empty ones are included. */
export const apiStatistics = z.object({
  bucket: z.enum(['hour', 'day']),
  fromMs: apiTimeMs,
  toMs: apiTimeMs,
  buckets: z.array(apiBucket.extend({ classes: z.array(apiClassTotal) })),
})
export type ApiStatistics = z.infer<typeof apiStatistics>
