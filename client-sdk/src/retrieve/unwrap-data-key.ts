import { equalConstantTime, wipe } from '@orlop/crypto/bytes'
import { decodeHeader } from '@orlop/crypto/format/header'
import { applicationKeyOf, unwrapWithApplicationKey } from '@orlop/crypto/keys/application-stanza'
import { CUSTODY_SET_STANZA_TYPE } from '@orlop/crypto/keys/stanza-types'
import { unwrapWithPassphrase } from '@orlop/crypto/keys/passphrase-stanza'
import { unwrapAsRecipient } from '@orlop/crypto/keys/recipient-stanza'
import { OrlopError } from '@orlop/protocol/errors'
import { formatObjectId } from '@orlop/protocol/ids'
import { signalOf } from '../action-options.ts'
import type { ClientContext } from '../context.ts'
import type { KeyOpener, WrappedKey } from './key-opener.ts'
import type { CheckedEnvelope } from './newest-envelope.ts'
import type { ObjectView } from './object-view.ts'

/** What may open an object beside this client's own keys and its applications'. */
export interface Opening {
  readonly checked: CheckedEnvelope
  readonly passphrase?: string | undefined
  readonly openBy?: KeyOpener | undefined
  readonly signal?: AbortSignal | undefined
}

/**
 * Unwraps an object's data key: by the client's own keys, the passphrase, the way the caller gave, or the keys of its application, in
 * this order.
 *
 * @returns 32 bytes, not yet checked against the header; null when nothing of these opens it.
 * @throws CryptoError for damaged stanzas; OrlopError `SHARES_MISSING`, `SHARE_INVALID`, `APP_KEY_REFUSED`, `APP_KEYS_UNREACHABLE`, `CARD_UNAVAILABLE`.
 */
export async function unwrapDataKey(
  context: ClientContext,
  view: ObjectView,
  opening: Opening,
): Promise<Uint8Array | null> {
  const wrapped = wrappedKeyOf(context, view, opening)
  const { stanzas, objectId, headerHash, openingSecretKeys } = wrapped
  for (const secretKey of openingSecretKeys) {
    const dataKey = unwrapAsRecipient({ stanzas, secretKey, objectId, headerHash })
    if (dataKey !== null) return dataKey
  }
  const { passphrase, openBy } = opening
  if (passphrase !== undefined) {
    const dataKey = await unwrapWithPassphrase({ stanzas, passphrase, objectId, headerHash })
    if (dataKey !== null) return dataKey
  }
  if (openBy !== undefined) {
    const dataKey = await openBy(wrapped)
    if (dataKey !== null) return dataKey
  }
  const dataKey = await unwrapByApplication(context, wrapped, opening)
  return dataKey ?? (await openInCustody(context, wrapped))
}

function wrappedKeyOf(context: ClientContext, view: ObjectView, { checked }: Opening): WrappedKey {
  const { objectId, headerHash, ownerId } = view
  const { headerBytes, stanzas } = checked.envelope
  const { keySets } = context.identity.keyring
  return {
    ...{ objectId, headerHash, ownerId, stanzas },
    header: decodeHeader(headerBytes),
    openingSecretKeys: keySets.map(({ openingSecretKey }) => openingSecretKey),
    nowMs: context.home.clockOffset.nowMs(),
  }
}

async function unwrapByApplication(
  { applicationKeys }: ClientContext,
  { stanzas, objectId, headerHash }: WrappedKey,
  opening: Opening,
): Promise<Uint8Array | null> {
  let failure: Error | null = null
  for (const stanza of stanzas) {
    const name = applicationKeyOf(stanza)
    if (name === null) continue
    if (applicationKeys === null || !equalConstantTime(applicationKeys.centreId, name.centreId)) {
      failure ??= noCentre(objectId, name.appId, applicationKeys !== null)
      continue
    }
    try {
      const { key } = await applicationKeys.openKey(name, signalOf(opening))
      try {
        return unwrapWithApplicationKey({ stanza, key, objectId, headerHash })
      } finally {
        wipe(key)
      }
    } catch (error) {
      failure ??= error instanceof Error ? error : new Error(String(error))
    }
  }
  if (failure !== null) throw failure
  return null
}

/** Of an object in custody the client may hold shares itself; otherwise it is told what is missing. */
async function openInCustody(
  { custody }: ClientContext,
  wrapped: WrappedKey,
): Promise<Uint8Array | null> {
  const isSplit = wrapped.stanzas.some(({ type }) => type === CUSTODY_SET_STANZA_TYPE)
  if (isSplit && custody !== null) return custody.openAlone(wrapped)
  if (wrapped.header.level !== 3) return null
  throw new OrlopError(
    'SHARES_MISSING',
    isSplit
      ? `${formatObjectId(wrapped.objectId)} is in the custody of others. Open it with their shares, by the command line ('orlop get --shares').`
      : `${formatObjectId(wrapped.objectId)} is bound to an SM2 key. Open it with its card (--card), its private key (--sm2-key), or the parts of those who hold the key together (--partials).`,
  )
}

function noCentre(objectId: Uint8Array, appId: string, hasOther: boolean): OrlopError {
  const what = hasOther
    ? 'this client is set up for another key management centre'
    : 'this client has no key management centre'
  return new OrlopError(
    'APP_KEYS_UNREACHABLE',
    `${formatObjectId(objectId)} is sealed for the application '${appId}', and ${what}. Set the client up for the application's centre.`,
    { details: { appId } },
  )
}
