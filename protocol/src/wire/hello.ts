import * as z from 'zod'
import { deploymentSchema } from '../deployment.ts'
import { helloType } from '../messages/identity.ts'
import { signedSchema } from '../typed-message.ts'

/**
 * `hello`: the first stream on every connection, opened by the dialler. Both send one frame; nothing else is served before.
 * The deployment is shown so that a chain or contract mismatch is named instead of failing as a bad signature.
 */
export const helloFrame = z.strictObject({
  hello: signedSchema(helloType),
  deployment: deploymentSchema,
  software: z.string().max(64),
})
export type HelloFrame = z.infer<typeof helloFrame>
