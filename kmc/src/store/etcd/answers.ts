import * as z from 'zod'

/** A number of 64 bits, which comes as text. */
const int64 = z.string().transform(Number).pipe(z.int())
const bytes = z.instanceof(Uint8Array).transform((view) => new Uint8Array(view))
const header = z.object({ cluster_id: z.string(), revision: int64 })
const keyValue = z.object({ key: bytes, mod_revision: int64, value: bytes })
const range = z.object({ kvs: z.array(keyValue) })

export type EtcdRow = z.infer<typeof keyValue>

/** What every answer begins with; a defragmentation's has none. */
export const headerSchema = z.object({ header: header.nullable() })
export const answerSchema = z.object({ header })
export const rangeAnswer = answerSchema.extend({ kvs: z.array(keyValue) })
export const leaseAnswer = answerSchema.extend({ ID: z.string() })
export const txnAnswer = answerSchema.extend({
  succeeded: z.boolean(),
  responses: z.array(z.object({ response_range: range.nullable() })),
})
export const watchAnswer = answerSchema.extend({
  created: z.boolean(),
  canceled: z.boolean(),
  cancel_reason: z.string(),
  events: z.array(z.object({ type: z.int(), kv: keyValue })),
})
