import { wipe } from '@orlop/crypto/bytes'
import type { Stanza } from '@orlop/crypto/format/envelope'
import { wrapForApplication } from '@orlop/crypto/keys/application-stanza'
import { wrapForPassphrase } from '@orlop/crypto/keys/passphrase-stanza'
import { wrapForRecipient } from '@orlop/crypto/keys/recipient-stanza'
import { wrapForSm2 } from '@orlop/crypto/keys/sm2-stanza'
import type { ApplicationKey } from '../application-keys/application-keys.ts'
import { requireApplicationKeys } from '../application-keys/require-application-keys.ts'
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

/** The stanza for the holder of an SM2 key. @param publicKey - 65 bytes. @throws RangeError when it is no point of the curve. */
export function sm2Stanza(
  { identity }: ClientContext,
  request: WrapRequest,
  publicKey: Uint8Array,
): Stanza {
  return wrapForSm2({ ...request, ownerId: identity.clientId, publicKey })
}

/** The stanza for an application, under the newest version of its key. @throws OrlopError as `ApplicationKeys`. */
export async function applicationStanza(
  context: ClientContext,
  request: WrapRequest,
  wanted: { readonly appId: string; readonly keyId: string },
  options: { readonly signal?: AbortSignal } = {},
): Promise<Stanza> {
  const { appId, keyId } = wanted
  const newest = await requireApplicationKeys(context).sealKey({ appId, keyId }, options)
  try {
    return stanzaUnder(context, request, newest)
  } finally {
    wipe(newest.key)
  }
}

/** The same, under a key that was obtained already. @throws OrlopError `APP_KEYS_UNREACHABLE` for a client without a centre. */
export function stanzaUnder(
  context: ClientContext,
  request: WrapRequest,
  { key, appId, keyId, version }: ApplicationKey,
): Stanza {
  const { centreId } = requireApplicationKeys(context)
  return wrapForApplication({ ...request, key, name: { centreId, appId, keyId, version } })
}
