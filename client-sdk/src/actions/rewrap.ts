import type { Stanza } from '@orlop/crypto/format/stanza'
import { type ActionOptions, contextFor } from '../action-options.ts'
import type { ClientContext } from '../context.ts'
import { clientStanza, ownStanza, passphraseStanza } from '../envelope/recipient-stanzas.ts'
import { rewriteEnvelope, type RewrittenEnvelope } from '../envelope/rewrite-envelope.ts'

/** Who may open an own object from now on. */
export interface RewrapRequest {
  readonly objectId: Uint8Array | string
  /** Clients beside the owner; none when left out. */
  readonly recipientIds?: readonly number[]
  readonly passphrase?: string
  readonly anchor?: boolean
}

/**
 * Replaces every stanza of an own object's envelope: for the owner's present key and exactly the recipients given. For after keys
 * were rotated. The data key stays the same: who had it may have kept it (see `reseal`).
 *
 * @throws as `rewriteEnvelope`.
 */
export async function rewrap(
  outer: ClientContext,
  request: RewrapRequest,
  options: ActionOptions = {},
): Promise<RewrittenEnvelope> {
  const context = contextFor(outer, options)
  const { objectId, recipientIds = [], passphrase, anchor = false } = request
  return rewriteEnvelope(
    context,
    {
      objectId,
      anchor,
      change: async (_, wrap) => {
        const stanzas: Stanza[] = [ownStanza(context, wrap)]
        for (const clientId of recipientIds) {
          stanzas.push(await clientStanza(context, wrap, clientId, options))
        }
        if (passphrase !== undefined) stanzas.push(await passphraseStanza(wrap, passphrase))
        return stanzas
      },
    },
    options,
  )
}
