import { PASSPHRASE_STANZA_TYPE } from '@orlop/crypto/keys/stanza-types'
import { OrlopError } from '@orlop/protocol/errors'
import { type ActionOptions, contextFor, signalOf } from '../action-options.ts'
import type { ClientContext } from '../context.ts'
import { openingKeysOf } from '../envelope/recipient-keys.ts'
import { rewriteEnvelope, type RewrittenEnvelope } from '../envelope/rewrite-envelope.ts'
import { isSm2StanzaFor, isStanzaFor } from '../envelope/stanza-of.ts'

/** From whom an own object is taken back. */
export interface RevokeRequest {
  readonly objectId: Uint8Array | string
  /** A client's number on the ledger. */
  readonly recipientId?: number
  /** An SM2 public key, 65 bytes. */
  readonly sm2Key?: Uint8Array
  /** True for every passphrase. */
  readonly passphrases?: boolean
  /** Fixes the new envelope on the ledger, so that no node can offer the former one; done when left out. */
  readonly anchor?: boolean
}

/**
 * Removes a recipient's stanza from an own object's envelope. This stops future delivery of the key only: who has fetched the key
 * before may have kept it, and opens old copies with it. `reseal` makes a new object under a new key where that matters.
 *
 * @throws OrlopError `USAGE` when nothing of this recipient's is in the envelope; and as `rewriteEnvelope`.
 */
export async function revoke(
  outer: ClientContext,
  request: RevokeRequest,
  options: ActionOptions = {},
): Promise<RewrittenEnvelope> {
  const context = contextFor(outer, options)
  const { objectId, recipientId, sm2Key, passphrases = false, anchor = true } = request
  if (recipientId === context.identity.clientId) {
    throw new OrlopError(
      'USAGE',
      'An owner cannot be revoked: nobody could open the object then. Remove it instead.',
    )
  }
  const openingKeys =
    recipientId === undefined ? [] : await openingKeysOf(context, recipientId, signalOf(options))
  return rewriteEnvelope(
    context,
    {
      objectId,
      anchor,
      change: (stanzas, wrap) => {
        const kept = stanzas.filter(
          (stanza) =>
            !(passphrases && stanza.type === PASSPHRASE_STANZA_TYPE) &&
            !(sm2Key !== undefined && isSm2StanzaFor(stanza, sm2Key, wrap.objectId)) &&
            !openingKeys.some((key) => isStanzaFor(stanza, key, wrap.objectId)),
        )
        if (kept.length < stanzas.length) return Promise.resolve(kept)
        return Promise.reject(
          new OrlopError(
            'USAGE',
            "The object is not shared with any key that this recipient is known to have. To drop everybody whose keys changed, use 'rewrap' with the recipients that stay.",
          ),
        )
      },
    },
    options,
  )
}
