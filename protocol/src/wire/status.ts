import * as z from 'zod'
import { MAX_STRIPS } from '../limits.ts'
import { ackType, commitType } from '../messages/storing.ts'
import { signedSchema } from '../typed-message.ts'
import { count, ledgerId, objectKey, stripIndex } from './common.ts'

/** How far one strip has come. Each state includes those before it. */
const stripState = z.enum(['reserved', 'staged', 'held', 'stored', 'recorded', 'final', 'removed'])
export type StripState = z.infer<typeof stripState>

/** `status` of the node itself, of one object there, or (asked through a connected node) whether other nodes answer. */
export const statusRequest = z.union([
  z.strictObject({ node: z.literal(true) }),
  z.strictObject({ object: objectKey }),
  z.strictObject({ reach: z.array(ledgerId).max(MAX_STRIPS) }),
])
export type StatusRequest = z.infer<typeof statusRequest>

export const nodeStatus = z.strictObject({
  nodeId: ledgerId,
  timeMs: count,
  freeBytes: count,
  openReservations: count,
  accepting: z.boolean(),
})
export type NodeStatus = z.infer<typeof nodeStatus>

export const objectStatus = z.strictObject({
  strips: z
    .array(
      z.strictObject({
        index: stripIndex,
        nodeId: ledgerId,
        state: stripState,
        durableBytes: count,
        commit: signedSchema(commitType).optional(),
        ack: signedSchema(ackType).optional(),
        transactionHash: z.string().max(66).optional(),
      }),
    )
    .max(MAX_STRIPS),
  /** Version of the newest envelope here; absent when none is. */
  envelopeVersion: count.optional(),
})
export type ObjectStatus = z.infer<typeof objectStatus>

export const reachStatus = z.strictObject({
  reachable: z
    .array(z.strictObject({ nodeId: ledgerId, roundTripMs: z.number().nonnegative() }))
    .max(MAX_STRIPS),
})
export type ReachStatus = z.infer<typeof reachStatus>
