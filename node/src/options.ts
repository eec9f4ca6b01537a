import { z } from 'zod'
import { OrlopError } from '@orlop/protocol/errors'

const milliseconds = z.int().positive()
const share = z.enum(['all', 'none'])

const nodeOptionsSchema = z.strictObject({
  /** Folder of everything the node keeps. */
  home: z.string().min(1),
  name: z.string().min(1).max(64),
  tier: z.enum(['heavy', 'light']),
  region: z.string().max(32).default(''),
  /** Most bytes reserved and stored together. */
  capacityBytes: z.int().positive(),
  /** Bytes of the disk that strips never take. */
  reserveDiskBytes: z.int().nonnegative().optional(),
  /** Largest strip the node takes. */
  maxStripBytes: z.int().positive().optional(),
  /** Whether to repair a damaged index before it is opened. */
  repairIndex: z.boolean().default(false),
  /** Whether to become the fleet's master when the ledger allows it. */
  claimMaster: z.boolean().default(false),
  /** Whom to admit while being the master. */
  admitClients: share.default('none'),
  admitNodes: share.default('none'),
  heartbeatMs: milliseconds.default(60_000),
  admissionMs: milliseconds.default(2_000),
  sweepMs: milliseconds.default(60_000),
  snapshotMs: milliseconds.default(30_000),
  /** First pause while the ledger cannot be reached at the start. */
  registrationRetryMs: milliseconds.default(1_000),
  registryFreshMs: z.int().nonnegative().default(10_000),
  offerWindowMs: z.int().nonnegative().default(200),
  gatherTimeoutMs: milliseconds.default(10_000),
  senderIdleMs: milliseconds.default(600_000),
  reachTimeoutMs: milliseconds.default(5_000),
  registrationWaitMs: milliseconds.default(15_000),
  relayReadsPerMinute: z.int().positive().default(1_200),
  relaySubmitsPerMinute: z.int().positive().default(600),
  /** When receipts go to the ledger. */
  receiptBatch: z.int().positive().optional(),
  receiptMaxAgeMs: milliseconds.optional(),
  /** First and longest pause between attempts to bring a strip to its node. */
  spreadRetryMs: milliseconds.default(300),
  spreadRetryCeilingMs: milliseconds.default(300_000),
})

/** What an operator decides about a node; what is left out has a default. */
export type NodeOptions = z.input<typeof nodeOptionsSchema>
export type CheckedNodeOptions = z.output<typeof nodeOptionsSchema>

/** @throws OrlopError `CONFIG_INVALID` naming every field that is wrong. */
export function checkNodeOptions(options: NodeOptions): CheckedNodeOptions {
  const checked = nodeOptionsSchema.safeParse(options)
  if (checked.success) return checked.data
  throw new OrlopError(
    'CONFIG_INVALID',
    `The node's options are not valid: ${z.prettifyError(checked.error)}`,
  )
}
