import * as z from 'zod'
import { count, envelopeBytes, objectKey } from './common.ts'

/** `envelope`: read the newest version a node has seen, or put a newer one (signed inside). */
export const envelopeRequest = z.union([
  z.strictObject({ get: objectKey }),
  z.strictObject({
    put: z.strictObject({ clientId: z.int().positive(), envelope: envelopeBytes }),
  }),
])
export type EnvelopeRequest = z.infer<typeof envelopeRequest>

/** Answers `get`; null where the node has none. */
export const envelopeGetAnswer = z.strictObject({ envelope: z.union([envelopeBytes, z.null()]) })
/** Answers `put` with the version that the node has now. */
export const envelopePutAnswer = z.strictObject({ version: count })
