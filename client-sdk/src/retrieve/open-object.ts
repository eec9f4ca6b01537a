import { isOrlopError } from '@orlop/protocol/errors'
import { parseObjectId } from '@orlop/protocol/ids'
import { type ActionOptions, signalOf } from '../action-options.ts'
import type { ClientContext } from '../context.ts'
import { type CheckedEnvelope, newestEnvelope } from './newest-envelope.ts'
import { findViews, type ObjectView } from './object-view.ts'
import { type OpenedEnvelope, openEnvelope } from './open-envelope.ts'
import type { KeyOpener } from './key-opener.ts'
import { objectRemoved } from './object-removed.ts'

/** Which object, and what else may open it. */
export interface OpenRequest {
  /** 32 bytes, or the name as people write it. */
  readonly objectId: Uint8Array | string
  /** Whose object, where it is not this client's own; found by itself when left out. */
  readonly ownerId?: number
  readonly passphrase?: string
  /** Another way to its key: shares of custodians, an SM2 key, a card. */
  readonly openBy?: KeyOpener
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
 *   `NODE_UNREACHABLE`, `LEDGER_UNREACHABLE`; `SHARES_MISSING`, `SHARE_INVALID`; `APP_KEY_REFUSED`, `APP_KEYS_UNREACHABLE`, `CARD_UNAVAILABLE`.
 */
export async function openObject(
  context: ClientContext,
  request: OpenRequest,
  options: ActionOptions = {},
): Promise<OpenedObject> {
  const { passphrase, openBy } = request
  return firstThatWorks(context, request, options, async (view, checked) => {
    const opening = { checked, passphrase, openBy, ...signalOf(options) }
    return { view, opened: await openEnvelope(context, view, opening) }
  })
}

/** An object's newest envelope, not opened: for those who open only a part of it. @throws as {@link openObject} */
export function findEnvelope(
  context: ClientContext,
  request: Pick<OpenRequest, 'objectId' | 'ownerId'>,
  options: ActionOptions = {},
): Promise<{ readonly view: ObjectView; readonly checked: CheckedEnvelope }> {
  return firstThatWorks(context, request, options, (view, checked) =>
    Promise.resolve({ view, checked }),
  )
}

async function firstThatWorks<T>(
  context: ClientContext,
  request: Pick<OpenRequest, 'objectId' | 'ownerId'>,
  options: ActionOptions,
  work: (view: ObjectView, checked: CheckedEnvelope) => Promise<T>,
): Promise<T> {
  const objectId = objectIdOf(request.objectId)
  const { ownerId } = request
  const query = ownerId === undefined ? { objectId } : { objectId, ownerId }
  const views = await findViews(context, query, options)
  let failure: unknown = null
  for (const view of views) {
    try {
      if (view.isRemoved) throw objectRemoved(view.objectId)
      const checked = await newestEnvelope(context, view, options)
      return await work(view, checked)
    } catch (error) {
      if (!isOrlopError(error) || options.signal?.aborted === true) throw error
      // The first view is this client's own where it has one: what is wrong with it matters most.
      failure ??= error
    }
  }
  throw failure
}
