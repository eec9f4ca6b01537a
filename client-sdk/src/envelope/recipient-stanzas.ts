import type { Stanza } from '@orlop/crypto/format/envelope'
import { wrapForPassphrase } from '@orlop/crypto/keys/passphrase-stanza'
import { wrapForRecipient } from '@orlop/crypto/keys/recipient-stanza'
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

/** The stanza by which another client opens the object. @param openingKey - 32 bytes, as `trustedOpeningKey` gave it. */
export function clientStanza(request: WrapRequest, openingKey: Uint8Array): Stanza {
  return wrapForRecipient({ ...request, recipientPublicKey: openingKey })
}

/** The stanza for whoever knows a passphrase. */
export function passphraseStanza(request: WrapRequest, passphrase: string): Promise<Stanza> {
  return wrapForPassphrase({ ...request, passphrase })
}
