import type { Stanza } from '@orlop/crypto/format/stanza'
import { type ActionOptions, contextFor, signalOf } from '../action-options.ts'
import type { ClientContext } from '../context.ts'
import { type Recipient, trustedOpeningKey } from '../envelope/recipient-keys.ts'
import { clientStanza, ownStanza, passphraseStanza } from '../envelope/recipient-stanzas.ts'
import { renewedApplications } from '../envelope/renewed-applications.ts'
import { rewriteEnvelope, type RewrittenEnvelope } from '../envelope/rewrite-envelope.ts'
import { isOwnStanza } from '../envelope/stanza-of.ts'

/** Who may open an own object from now on. */
export interface RewrapRequest {
  readonly objectId: Uint8Array | string
  /** Clients beside the owner; none when left out. */
  readonly recipients?: readonly Recipient[]
  /** Takes the ledger's opening keys of these clients although they are others than before. */
  readonly trustNewKeys?: boolean
  readonly passphrase?: string
  readonly anchor?: boolean
}

/**
 * Replaces every stanza of an own object's envelope: for the owner's present key and exactly the recipients given. For after keys
 * were rotated. Applications keep theirs, under the newest versions of their keys; an object that its application alone opens stays so.
 * The data key stays the same: who had it may have kept it (see `reseal`).
 *
 * @throws OrlopError `RECIPIENT_KEY_CHANGED`, `USAGE` for an unknown client; and as `rewriteEnvelope` and `ApplicationKeys`.
 */
export async function rewrap(
  outer: ClientContext,
  request: RewrapRequest,
  options: ActionOptions = {},
): Promise<RewrittenEnvelope> {
  const context = contextFor(outer, options)
  const { objectId, recipients = [], trustNewKeys, passphrase, anchor = false } = request
  const openingKeys: Uint8Array[] = []
  for (const recipient of recipients) {
    const trusting = { trustNewKeys, ...signalOf(options) }
    openingKeys.push(await trustedOpeningKey(context, recipient, trusting))
  }
  return rewriteEnvelope(
    context,
    {
      objectId,
      anchor,
      change: async (former, wrap) => {
        const { keySets } = context.identity.keyring
        const isOwners = former.some((stanza) => isOwnStanza(stanza, keySets, wrap.objectId))
        const own = isOwners || former.length === 0 ? [ownStanza(context, wrap)] : []
        const stanzas: Stanza[] = [
          ...own,
          ...(await renewedApplications(context, former, wrap, options)),
          ...openingKeys.map((openingKey) => clientStanza(wrap, openingKey)),
        ]
        if (passphrase !== undefined) stanzas.push(await passphraseStanza(wrap, passphrase))
        return stanzas
      },
    },
    options,
  )
}
