import { isOrlopError } from '@orlop/protocol/errors'
import { parseObjectId } from '@orlop/protocol/ids'
import type { ActionOptions } from '../action-options.ts'
import type { ClientContext } from '../context.ts'
import { newestEnvelope } from './newest-envelope.ts'
import { findViews, type ObjectView } from './object-view.ts'
import { type OpenedEnvelope, openEnvelope } from './open-envelope.ts'
import { objectRemoved } from './object-removed.ts'

/** Which object, and what else may open it. */
export interface OpenRequest {
  /** 32 bytes, or the name as people write it. */
  readonly objectId: Uint8Array | string
  /** Whose object, where it is not this client's own; found by itself when left out. */
  readonly ownerId?: number
  readonly passphrase?: string
}

/** An object ready to be read. */
export interface OpenedObject {
  readonly view: ObjectView
  readonly opened: OpenedEnvelope
}

/** The 32 bytes of an object's name. @throws OrlopError `USAGE` when a text is not one. */
export function objectIdOf(objectId: Uint8Array | string): Uint8Array {
  return typeof objectId === 'string' ? parseObjectId(objectId) : objectId
}

/**
 * Finds an object, takes its newest envelope and opens it. Where several clients used one name, the one that opens is meant.
 *
 * @throws OrlopError `OBJECT_NOT_FOUND`, `OBJECT_REMOVED`, `WRONG_KEY`, `ENVELOPE_INVALID`, `ENVELOPE_ROLLED_BACK`,
 *   `NODE_UNREACHABLE`, `LEDGER_UNREACHABLE`.
 */
export async function openObject(
  context: ClientContext,
  request: OpenRequest,
  options: ActionOptions = {},
): Promise<OpenedObject> {
  const objectId = objectIdOf(request.objectId)
  const { ownerId, passphrase } = request
  const query = ownerId === undefined ? { objectId } : { objectId, ownerId }
  const views = await findViews(context, query, options)
  let failure: unknown = null
  for (const view of views) {
    try {
      if (view.isRemoved) throw objectRemoved(view.objectId)
      const checked = await newestEnvelope(context, view, options)
      return { view, opened: await openEnvelope(context, view, { checked, passphrase }) }
    } catch (error) {
      if (!isOrlopError(error) || options.signal?.aborted === true) throw error
      // The first view is this client's own where it has one: what is wrong with it matters most.
      failure ??= error
    }
  }
  throw failure
}
