import { IMPORTANCES, nameOfCode } from '@orlop/protocol/data-classes'
import { OrlopError } from '@orlop/protocol/errors'
import { formatObjectId } from '@orlop/protocol/ids'
import type { ActionOptions } from '../action-options.ts'
import type { ClientContext } from '../context.ts'
import type { Recipient } from '../envelope/recipient-keys.ts'
import type { CatalogueEntry } from '../home/catalogue.ts'
import type { Treatment } from '../policy/schema.ts'
import type { StoreResult } from '../upload/store-result.ts'
import { retrieve } from './retrieve.ts'
import { type ApplicationRequest, store } from './store.ts'

/** Which object is sealed anew, and for whom. */
export interface ResealRequest {
  readonly objectId: Uint8Array | string
  readonly recipients?: readonly Recipient[]
  /** As in `store`. */
  readonly trustNewKeys?: boolean
  readonly passphrase?: string
  /** For which application; must be said for an object that is sealed for one. */
  readonly application?: ApplicationRequest
  /** Goes before the policy, as in `store`. */
  readonly overrides?: Treatment
}

/**
 * Fetches an own object and stores its plaintext as a new object, under a new key that nobody has seen: the only way to shut out
 * somebody who may have kept the old one. The old object stays until it is removed.
 *
 * @returns the new object.
 * @throws OrlopError `USAGE` when the object is sealed for an application and nothing is said of one; as `retrieve` and `store`.
 */
export async function reseal(
  context: ClientContext,
  request: ResealRequest,
  options: ActionOptions = {},
): Promise<StoreResult> {
  const { objectId, overrides, ...recipients } = request
  const ownerId = context.identity.clientId
  const { entry, stream, lengthBytes } = await retrieve(context, { objectId, ownerId }, options)
  if (entry.applications !== undefined && request.application === undefined) {
    throw applicationUnsaid(entry)
  }
  const importance = nameOfCode(IMPORTANCES, entry.importance)
  return store(
    context,
    {
      ...recipients,
      source: { stream, maxBytes: lengthBytes },
      name: entry.name,
      overrides: { importance, labels: entry.labels, ...overrides },
    },
    options,
  )
}

/** Otherwise the new object would be opened by its owner's key, without a word. */
function applicationUnsaid({ objectId, applications = [] }: CatalogueEntry): OrlopError {
  const names = applications.map(({ appId, keyId }) => `${appId}/${keyId}`).join(', ')
  return new OrlopError(
    'USAGE',
    `${formatObjectId(objectId)} is sealed for ${names}. Say for which application the new object is to be sealed.`,
  )
}
