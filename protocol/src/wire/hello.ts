import * as z from 'zod'
import { deploymentSchema } from '../deployment.ts'
import { helloType } from '../messages/identity.ts'
import { signedSchema } from '../typed-message.ts'

/**
 * `hello`: the first stream on every connection, opened by the dialler; later either side may open another, to go on after its hello has
 * run out. The opener sends one frame and the other side one; nothing else is served before. The deployment is shown so that a chain or
 * contract mismatch is named instead of failing as a bad signature.
 *
 * `wantsFreshTime` asks the opener, whose time is too far from that of this frame, for one more hello with a time near it; the answer to that
 * ends the exchange.
 */
export const helloFrame = z.strictObject({
  hello: signedSchema(helloType),
  deployment: deploymentSchema,
  software: z.string().max(64),
  wantsFreshTime: z.literal(true).optional(),
})
export type HelloFrame = z.infer<typeof helloFrame>
