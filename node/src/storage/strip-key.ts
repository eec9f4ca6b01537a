import type { z } from 'zod'
import type { objectKey, stripKey } from '@orlop/protocol/wire/common'

/** An object at this node: the same objectId of another client is another object. */
export type ObjectKey = z.infer<typeof objectKey>
/** One strip of an object. */
export type StripKey = z.infer<typeof stripKey>

/** The key alone of something that carries one. */
export function stripKeyOf({ objectId, clientId, index }: StripKey): StripKey {
  return { objectId, clientId, index }
}
