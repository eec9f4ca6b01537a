import * as z from 'zod'
import { bytesSchema, MAX_VERSIONS, nameSchema } from './records.ts'

/** A request for a key, as the centre takes it. */
export const releaseRequestSchema = z.strictObject({
  appId: nameSchema,
  keyId: nameSchema,
  requesterId: nameSchema,
  /** What the key is wanted for: `seal` gets the newest version only. */
  purpose: z.enum(['seal', 'open']),
  /** Which version; null for the newest. */
  version: z.int().min(1).max(MAX_VERSIONS).nullable(),
  /** Random; the centre takes each once. */
  requestId: bytesSchema(16),
  /** By the requester's clock, ms since epoch. */
  timeMs: z.int().min(0),
})
