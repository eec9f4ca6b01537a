import * as z from 'zod'
import { MAX_STRIPS } from '../limits.ts'
import { offerType, refusalType, reservationType } from '../messages/storing.ts'
import { signedSchema } from '../typed-message.ts'

/** `offer`, client to ingress node: one frame each way. */
export const offerRequest = z.strictObject({ offer: signedSchema(offerType) })
export type OfferRequest = z.infer<typeof offerRequest>

/**
 * The answer. Accepted: the ingress node's own reservation first, then those of the proposed nodes that agreed; `refusals` of the
 * others, whom the client replaces by a further offer to the same node (which keeps the reservations it has).
 */
export const offerAnswer = z.union([
  z.strictObject({
    reservations: z.array(signedSchema(reservationType)).min(1).max(MAX_STRIPS),
    refusals: z.array(signedSchema(refusalType)).max(MAX_STRIPS),
    /** Proposed nodes that could not be reached from the ingress node. */
    unreachableNodeIds: z.array(z.int()).max(MAX_STRIPS),
  }),
  z.strictObject({ refusal: signedSchema(refusalType) }),
])
export type OfferAnswer = z.infer<typeof offerAnswer>
