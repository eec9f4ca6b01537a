import * as z from 'zod'
import { apiRegistryEvent, registryKind } from './history.ts'
import { apiObjectEvent } from './objects.ts'
import { pageQuery, queryFlag, timeRangeQuery } from './query-values.ts'
import { apiRating, ratingKind } from './ratings.ts'
import { apiReceipt } from './receipts.ts'
import { apiCount, apiId, apiName, apiTimeMs, hashText, pageOf } from './values.ts'

/** What a transaction can have done: recorded receipts, changed objects, rated, changed the registry. */
export const TRANSACTION_KINDS = [
  'recorded',
  ...(['extended', 'removed', 'moved', 'envelope'] as const),
  ...ratingKind.options,
  ...registryKind.options,
] as const
export const transactionKind = z.enum(TRANSACTION_KINDS)
export type TransactionKind = z.infer<typeof transactionKind>

/** Ships and nodes named in the summary of one transaction, at most. */
export const MAX_NAMED_PARTIES = 5

const place = {
  transactionHash: hashText,
  blockNumber: apiCount,
  blockHash: hashText,
  blockTimeMs: apiTimeMs,
  /** Each once, in the order of {@link TRANSACTION_KINDS}. */
  kinds: z.array(transactionKind),
}

/** One transaction that changed Orlop's contracts. */
export const apiTransactionSummary = z.object({
  ...place,
  /** Storage records in it. */
  receiptCount: apiCount,
  /** Of these. */
  streamBytes: apiCount,
  /** Whom it is about, by number; of many the first {@link MAX_NAMED_PARTIES}. */
  clients: z.array(z.object({ clientId: apiId, name: apiName })).max(MAX_NAMED_PARTIES),
  nodes: z.array(z.object({ nodeId: apiId, name: apiName })).max(MAX_NAMED_PARTIES),
})
export type ApiTransactionSummary = z.infer<typeof apiTransactionSummary>

export const transactionsQuery = z.strictObject({
  ...pageQuery.shape,
  ...timeRangeQuery.shape,
  kind: transactionKind.optional(),
  /** Whether those that hold nothing but a node's heartbeat are listed too; they are left out unless asked for. */
  heartbeats: queryFlag.optional(),
})
export type TransactionsQuery = z.output<typeof transactionsQuery>

/** Newest first. */
export const apiTransactions = pageOf(apiTransactionSummary)
export type ApiTransactions = z.infer<typeof apiTransactions>

/** One transaction and all that it did, each list in ledger order. */
export const apiTransaction = z.object({
  ...place,
  receipts: z.array(apiReceipt),
  events: z.array(apiObjectEvent),
  ratings: z.array(apiRating),
  registryEvents: z.array(apiRegistryEvent),
  isTruncated: z.boolean(),
})
export type ApiTransaction = z.infer<typeof apiTransaction>
