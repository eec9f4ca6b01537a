import * as z from 'zod'
import { commitType } from '../messages/storing.ts'
import { signedSchema } from '../typed-message.ts'
import { count, dataFrame, endFrame, stripKey } from './common.ts'

/**
 * `fetch`: a range of one strip. Node: {@link fetchHead}, data frames, end frame. The node verifies the bytes it reads against the
 * strip's tree before it sends them.
 */
export const fetchRequest = stripKey.extend({
  offsetBytes: count,
  /** May reach past the end; the node sends what there is. */
  lengthBytes: count,
})
export type FetchRequest = z.infer<typeof fetchRequest>

export const fetchHead = z.strictObject({
  stripBytes: count,
  commit: signedSchema(commitType),
})
export type FetchHead = z.infer<typeof fetchHead>

export const fetchDownstream = z.union([dataFrame, endFrame])
