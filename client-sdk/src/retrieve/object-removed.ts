import { OrlopError } from '@orlop/protocol/errors'
import { formatObjectId } from '@orlop/protocol/ids'

/** The error of an object that its owner gave up. */
export function objectRemoved(objectId: Uint8Array): OrlopError {
  return new OrlopError(
    'OBJECT_REMOVED',
    `${formatObjectId(objectId)} was removed by its owner, for good. Restore it from another copy if you have one.`,
  )
}
