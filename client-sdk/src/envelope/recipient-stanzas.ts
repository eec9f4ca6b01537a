import type { Stanza } from '@orlop/crypto/format/envelope'
import { wrapForPassphrase } from '@orlop/crypto/keys/passphrase-stanza'
import { wrapForRecipient } from '@orlop/crypto/keys/recipient-stanza'
import { OrlopError } from '@orlop/protocol/errors'
import type { ClientContext } from '../context.ts'

/** The object and the key that is wrapped. */
export interface WrapRequest {
  readonly objectId: Uint8Array
  readonly headerHash: Uint8Array
  /** 32 bytes; not kept. */
  readonly dataKey: Uint8Array
}

/** The stanza by which this client itself opens the object. */
export function ownStanza(context: ClientContext, request: WrapRequest): Stanza {
  const { openingPublicKey } = context.identity.keySet
  return wrapForRecipient({ ...request, recipientPublicKey: openingPublicKey })
}

/**
 * The stanza by which another client opens the object, wrapped to the opening key it has on the ledger.
 *
 * @throws OrlopError `USAGE` when the ledger has no such client.
 */
export async function clientStanza(
  context: ClientContext,
  request: WrapRequest,
  clientId: number,
  options: { readonly signal?: AbortSignal } = {},
): Promise<Stanza> {
  const recipientPublicKey = await openingKeyOf(context, clientId, options)
  return wrapForRecipient({ ...request, recipientPublicKey })
}

/** The opening key (32 bytes) that a client has on the ledger. @throws OrlopError `USAGE` when there is no such client. */
export async function openingKeyOf(
  context: ClientContext,
  clientId: number,
  options: { readonly signal?: AbortSignal } = {},
): Promise<Uint8Array> {
  const record = await context.ledger.client(clientId, options)
  if (record !== null) return record.openingKey
  throw new OrlopError(
    'USAGE',
    `The ledger has no client ${clientId}. Check the number with the one you want to share with.`,
    { details: { clientId } },
  )
}

/** The stanza for whoever knows a passphrase. */
export function passphraseStanza(request: WrapRequest, passphrase: string): Promise<Stanza> {
  return wrapForPassphrase({ ...request, passphrase })
}
