import * as z from 'zod'
import { MAX_STRIPS } from '../limits.ts'
import { ackType, commitType, refusalType, reservationType } from '../messages/storing.ts'
import { signedSchema } from '../typed-message.ts'
import { envelopeBytes, stripIndex } from './common.ts'

/**
 * `commit`, client to ingress node, after `store`: all strips' commits and the envelope. The ingress node checks its root, makes
 * strip and envelope durable and spreads; it sends each node's Ack as it arrives and `done` at the end. When a target is gone
 * it brings a new reservation: the client answers with a further frame holding the new commit.
 */
export const commitRequest = z.strictObject({
  commits: z.array(signedSchema(commitType)).min(1).max(MAX_STRIPS),
  envelope: envelopeBytes,
})
export type CommitRequest = z.infer<typeof commitRequest>

export const commitFurther = z.strictObject({ commit: signedSchema(commitType) })
export type CommitFurther = z.infer<typeof commitFurther>

export const commitEvent = z.union([
  z.strictObject({ index: stripIndex, ack: signedSchema(ackType) }),
  z.strictObject({
    replaced: z.strictObject({
      index: stripIndex,
      reservation: signedSchema(reservationType),
      refusal: signedSchema(refusalType).optional(),
    }),
  }),
  /** `stored`: every strip has its Ack. `held`: some wait for a node; the ingress node keeps trying by itself. */
  z.strictObject({ done: z.enum(['stored', 'held']) }),
])
export type CommitEvent = z.infer<typeof commitEvent>
