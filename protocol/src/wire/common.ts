import * as z from 'zod'
import { MAX_DATA_FRAME_BYTES, MAX_ENVELOPE_BYTES, MAX_STRIPS } from '../limits.ts'
import { bytes } from '../typed-message.ts'

export const byteString = (maxBytes: number) =>
  z.instanceof(Uint8Array<ArrayBufferLike>).refine((value) => value.length <= maxBytes, {
    error: `expected at most ${maxBytes} bytes`,
  })

export const bytes32 = bytes(32)
export const objectIdBytes = bytes32
export const ledgerId = z.int().min(1).max(0xffff_ffff)
export const count = z.int().nonnegative()
export const stripIndex = z
  .int()
  .min(0)
  .max(MAX_STRIPS - 1)
export const envelopeBytes = byteString(MAX_ENVELOPE_BYTES)

/** An object as every verb names it: two clients' objects never meet, even under one objectId. */
export const objectKey = z.strictObject({ objectId: objectIdBytes, clientId: ledgerId })
export const stripKey = objectKey.extend({ index: stripIndex })

/** Bytes of a stream under way, after the offset both sides agreed on. */
export const dataFrame = z.strictObject({ data: byteString(MAX_DATA_FRAME_BYTES) })
/** The sender has sent everything; the length is checked against what arrived. */
export const endFrame = z.strictObject({ endBytes: count })
/** The receiver holds this many bytes on disk. */
export const progressFrame = z.strictObject({ durableBytes: count })
