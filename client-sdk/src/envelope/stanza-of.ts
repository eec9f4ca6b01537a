import { equalConstantTime } from '@orlop/crypto/bytes'
import type { Stanza } from '@orlop/crypto/format/stanza'
import { RECIPIENT_STANZA_TYPE, recipientHint } from '@orlop/crypto/keys/recipient-stanza'

/** Whether a stanza is meant for the owner of an opening key, by its hint. */
export function isStanzaFor(stanza: Stanza, openingKey: Uint8Array, objectId: Uint8Array): boolean {
  if (stanza.type !== RECIPIENT_STANZA_TYPE) return false
  return equalConstantTime(stanza.hint, recipientHint(openingKey, objectId))
}
