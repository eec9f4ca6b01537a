import { OrlopError } from '@orlop/protocol/errors'
import { type ActionOptions, contextFor, signalOf } from '../action-options.ts'
import type { ClientContext } from '../context.ts'
import {
  type Recipient,
  recipientIdOf,
  rememberedOpeningKey,
  trustedOpeningKey,
} from '../envelope/recipient-keys.ts'
import { clientStanza, passphraseStanza, sm2Stanza } from '../envelope/recipient-stanzas.ts'
import {
  type RewriteRequest,
  rewriteEnvelope,
  type RewrittenEnvelope,
} from '../envelope/rewrite-envelope.ts'
import { isSm2StanzaFor, isStanzaFor } from '../envelope/stanza-of.ts'

/** With whom an own object is shared. */
export interface ShareRequest {
  readonly objectId: Uint8Array | string
  /** A client, by its number on the ledger or pinned to its opening key. */
  readonly recipient?: Recipient
  /** Takes the ledger's opening key of this client although it is another than before. */
  readonly trustNewKeys?: boolean
  /** Or a passphrase, for somebody without an account that can open objects. */
  readonly passphrase?: string
  /** Or an SM2 public key, 65 bytes: of a card, or of whoever has the private key. */
  readonly sm2Key?: Uint8Array
  /** Fixes the new envelope on the ledger. */
  readonly anchor?: boolean
}

/** What sharing came to. */
export interface SharedEnvelope extends RewrittenEnvelope {
  /** The recipient's, 32 bytes, to be compared with what its owner says; null for a passphrase or an SM2 key. */
  readonly openingKey: Uint8Array | null
}

/**
 * Lets another client, whoever knows a passphrase, or the holder of an SM2 key open one of this client's objects: adds a stanza to its envelope. The strips
 * stay as they are. The recipient needs this client's number and the object's name to fetch it. Its opening key is remembered: when
 * the ledger shows another one later, nothing is shared until somebody says that it is right.
 *
 * @throws OrlopError `USAGE` unless exactly one of client, passphrase and SM2 key is given, or the client is unknown;
 *   `RECIPIENT_KEY_CHANGED`; and as `rewriteEnvelope`.
 */
export async function share(
  outer: ClientContext,
  request: ShareRequest,
  options: ActionOptions = {},
): Promise<SharedEnvelope> {
  const context = contextFor(outer, options)
  const { recipient, passphrase, sm2Key } = request
  if ([recipient, passphrase, sm2Key].filter((one) => one !== undefined).length !== 1) {
    throw new OrlopError(
      'USAGE',
      'Share with either a client number, a passphrase or an SM2 key. Give exactly one of them.',
    )
  }
  if (recipient !== undefined) return shareWithClient(context, { ...request, recipient }, options)
  const { objectId, anchor = false } = request
  const change: RewriteRequest['change'] = async (stanzas, wrap) => {
    if (passphrase !== undefined) return [...stanzas, await passphraseStanza(wrap, passphrase)]
    if (sm2Key === undefined) return stanzas
    const others = stanzas.filter((stanza) => !isSm2StanzaFor(stanza, sm2Key, wrap.objectId))
    return [...others, sm2Stanza(context, wrap, sm2Key)]
  }
  const written = await rewriteEnvelope(context, { objectId, anchor, change }, options)
  return { ...written, openingKey: null }
}

async function shareWithClient(
  context: ClientContext,
  request: ShareRequest & { readonly recipient: Recipient },
  options: ActionOptions,
): Promise<SharedEnvelope> {
  const { objectId, recipient, trustNewKeys, anchor = false } = request
  if (recipientIdOf(recipient) === context.identity.clientId) {
    throw new OrlopError(
      'USAGE',
      `Client ${context.identity.clientId} is this client itself, which opens its objects anyway. Give the other's number.`,
    )
  }
  const former = await rememberedOpeningKey(context, recipientIdOf(recipient))
  const trusting = { trustNewKeys, ...signalOf(options) }
  const openingKey = await trustedOpeningKey(context, recipient, trusting)
  const keys = former === null ? [openingKey] : [openingKey, former]
  const change: RewriteRequest['change'] = (stanzas, wrap) => {
    // Sharing twice is sharing once: the recipient's former stanza makes room for the new one.
    const others = stanzas.filter(
      (stanza) => !keys.some((key) => isStanzaFor(stanza, key, wrap.objectId)),
    )
    return Promise.resolve([...others, clientStanza(wrap, openingKey)])
  }
  const written = await rewriteEnvelope(context, { objectId, anchor, change }, options)
  return { ...written, openingKey }
}
