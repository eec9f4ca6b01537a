import { OrlopError } from '@orlop/protocol/errors'
import { type ActionOptions, contextFor } from '../action-options.ts'
import type { ClientContext } from '../context.ts'
import { clientStanza, passphraseStanza } from '../envelope/recipient-stanzas.ts'
import { rewriteEnvelope, type RewrittenEnvelope } from '../envelope/rewrite-envelope.ts'
import { isStanzaFor } from '../envelope/stanza-of.ts'
import { openingKeyOf } from '../envelope/recipient-stanzas.ts'

/** With whom an own object is shared. */
export interface ShareRequest {
  readonly objectId: Uint8Array | string
  /** A client's number on the ledger. */
  readonly recipientId?: number
  /** Or a passphrase, for somebody without an account that can open objects. */
  readonly passphrase?: string
  /** Fixes the new envelope on the ledger. */
  readonly anchor?: boolean
}

/**
 * Lets another client, or whoever knows a passphrase, open one of this client's objects: adds a stanza to its envelope. The strips
 * stay as they are. The recipient needs this client's number and the object's name to fetch it.
 *
 * @throws OrlopError `USAGE` unless exactly one of client and passphrase is given, or the client is unknown; and as
 *   `rewriteEnvelope`.
 */
export async function share(
  outer: ClientContext,
  request: ShareRequest,
  options: ActionOptions = {},
): Promise<RewrittenEnvelope> {
  const context = contextFor(outer, options)
  const { objectId, recipientId, passphrase, anchor = false } = request
  if ((recipientId === undefined) === (passphrase === undefined)) {
    throw new OrlopError(
      'USAGE',
      'Share with either a client number or a passphrase. Give exactly one of them.',
    )
  }
  return rewriteEnvelope(
    context,
    {
      objectId,
      anchor,
      change: async (stanzas, wrap) => {
        if (passphrase !== undefined) return [...stanzas, await passphraseStanza(wrap, passphrase)]
        if (recipientId === undefined) return stanzas
        const openingKey = await openingKeyOf(context, recipientId, options)
        // Sharing twice is sharing once: the recipient's former stanza makes room for the new one.
        const others = stanzas.filter((stanza) => !isStanzaFor(stanza, openingKey, wrap.objectId))
        return [...others, await clientStanza(context, wrap, recipientId, options)]
      },
    },
    options,
  )
}
