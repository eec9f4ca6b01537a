import { OrlopError } from '@orlop/protocol/errors'
import { EVERY_STRIP } from '@orlop/protocol/limits'
import { extendType } from '@orlop/protocol/messages/keeping'
import { type ActionOptions, contextFor } from '../action-options.ts'
import type { ClientContext } from '../context.ts'
import { ownKeptView, sendToHolders, type TellResult } from '../pending/send-to-holders.ts'
import { objectIdOf } from '../retrieve/open-object.ts'

/** Which object is kept until when. */
export interface ExtendRequest {
  readonly objectId: Uint8Array | string
  /** Unix seconds; later than now and than what holds. */
  readonly expirySeconds: number
}

/**
 * Keeps every copy of an own object longer. The nodes act at once and put the signed message on the ledger; those that are away are
 * told later.
 *
 * @throws RangeError when the time is not a whole number of seconds.
 * @throws OrlopError `USAGE` when it is not later than what holds; `OBJECT_NOT_FOUND`, `OBJECT_REMOVED`, `NODE_UNREACHABLE`.
 */
export async function extend(
  outer: ClientContext,
  request: ExtendRequest,
  options: ActionOptions = {},
): Promise<TellResult> {
  const context = contextFor(outer, options)
  const { expirySeconds } = request
  if (!Number.isSafeInteger(expirySeconds)) {
    throw new RangeError(`expirySeconds: expected whole unix seconds, got ${expirySeconds}`)
  }
  const objectId = objectIdOf(request.objectId)
  const view = await ownKeptView(context, objectId, options)
  if (expirySeconds <= view.expiry) {
    const holds = new Date(view.expiry * 1000).toISOString()
    throw new OrlopError(
      'USAGE',
      `The object is kept until ${holds} already, and an expiry only grows. Give a later time.`,
      { details: { expiry: view.expiry } },
    )
  }
  const clientId = context.identity.clientId
  const message = { objectId, clientId, index: EVERY_STRIP, expiry: expirySeconds }
  const signed = context.identity.sign(extendType, message)
  const nodeIds = [...new Set(view.holders.map(({ nodeId }) => nodeId))]
  const pending = { extend: signed, nodeIds, handedToNodeIds: [], handedMs: 0 }
  const told = await sendToHolders(context, objectId, { kind: 'extend', ...pending }, options)
  const entry = await context.home.catalogue.get(objectId, clientId)
  if (entry !== null) await context.home.catalogue.put({ ...entry, expiry: expirySeconds })
  return told
}
