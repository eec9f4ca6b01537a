import * as z from 'zod'
import { extendType, removeType } from '../messages/keeping.ts'
import { signedSchema } from '../typed-message.ts'
import { count } from './common.ts'

/** `remove`: the client gives strips up or keeps them longer. The node acts at once and puts the message on the ledger. */
export const removeRequest = z.union([
  z.strictObject({ remove: signedSchema(removeType) }),
  z.strictObject({ extend: signedSchema(extendType) }),
])
export type RemoveRequest = z.infer<typeof removeRequest>

export const removeAnswer = z.strictObject({
  /** Strips at this node that the message concerned. */
  strips: count,
})
export type RemoveAnswer = z.infer<typeof removeAnswer>
