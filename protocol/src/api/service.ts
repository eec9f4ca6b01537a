import * as z from 'zod'
import { deploymentSchema } from '../deployment.ts'
import { ERROR_CODES, type ErrorCode } from '../error-codes.ts'
import { apiNode } from './nodes.ts'
import { apiProgress } from './overview.ts'
import { apiRating } from './ratings.ts'
import { apiReceipt } from './receipts.ts'
import { apiTransactionSummary } from './transactions.ts'
import { apiCount, apiHead } from './values.ts'

/** Which ledger this gateway shows. */
export const apiDeployment = z.object({
  ...deploymentSchema.shape,
  /** A JSON-RPC address that browsers may ask themselves, to check what the gateway says; null where the operator gives none. */
  rpcUrl: z.string().nullable(),
  /** Whether this gateway serves the vault, at `/vault/`. */
  hasVault: z.boolean(),
})
export type ApiDeployment = z.infer<typeof apiDeployment>

export const apiHealth = z.object({
  /** `behind`: serving, but not caught up. `ledger-unreachable`: serving what it has. `ledger-mismatch`: another chain answers. */
  status: z.enum(['ok', 'behind', 'ledger-unreachable', 'ledger-mismatch']),
  version: z.string(),
  progress: apiProgress,
  /** For people; null when all is well. */
  detail: z.string().nullable(),
})
export type ApiHealth = z.infer<typeof apiHealth>

const errorCodes = Object.keys(ERROR_CODES) as [ErrorCode, ...ErrorCode[]]

/** RFC 9457, `application/problem+json`. */
export const apiProblem = z.object({
  /** `urn:orlop:error:` and the code; see `docs/errors.md`. */
  type: z.string(),
  title: z.string(),
  status: z.int().min(400).max(599),
  /** What happened to what, and what to do next. */
  detail: z.string(),
  code: z.enum(errorCodes),
})
export type ApiProblem = z.infer<typeof apiProblem>

/**
 * Server-sent events: the name is in `event:`, the JSON in `data:`. Whoever connects, or connects again, asks for the pages
 * anew: events that were missed are not repeated.
 */
export const apiEvents = {
  /** A receipt was recorded. */
  record: apiReceipt,
  /** Something happened to a rating. */
  rating: apiRating,
  /** A transaction did something, whatever it was; those that hold nothing but a heartbeat are not told. */
  transaction: apiTransactionSummary,
  /** A node joined, changed, or was seen. */
  node: apiNode,
  /** A new block is in the index. */
  head: apiHead,
  /** The ledger lost its blocks after this one, and the index what they held. */
  rollback: z.object({ blockNumber: apiCount }),
} as const
export type ApiEventName = keyof typeof apiEvents
export type ApiEvent = {
  [N in ApiEventName]: { name: N; data: z.infer<(typeof apiEvents)[N]> }
}[ApiEventName]
