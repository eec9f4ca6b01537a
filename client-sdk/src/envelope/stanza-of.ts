import { equalConstantTime } from '@orlop/crypto/bytes'
import type { Stanza } from '@orlop/crypto/format/stanza'
import { recipientHint } from '@orlop/crypto/keys/recipient-stanza'
import { sm2Hint } from '@orlop/crypto/keys/sm2-stanza'
import {
  APPLICATION_STANZA_TYPE,
  CUSTODY_SET_STANZA_TYPE,
  CUSTODY_SHARE_STANZA_TYPE,
  RECIPIENT_STANZA_TYPE,
  SM2_STANZA_TYPE,
} from '@orlop/crypto/keys/stanza-types'
import type { KeySet } from '../keyring/key-set.ts'

/** Stanzas of these types are not somebody's with whom an object was shared. */
const UNSHARED_TYPES: ReadonlySet<number> = new Set([
  APPLICATION_STANZA_TYPE,
  CUSTODY_SET_STANZA_TYPE,
  CUSTODY_SHARE_STANZA_TYPE,
])

/** Whether a stanza is meant for the owner of an opening key, by its hint. */
export function isStanzaFor(stanza: Stanza, openingKey: Uint8Array, objectId: Uint8Array): boolean {
  if (stanza.type !== RECIPIENT_STANZA_TYPE) return false
  return equalConstantTime(stanza.hint, recipientHint(openingKey, objectId))
}

/** Whether a stanza is meant for the holder of an SM2 key (65 bytes), by its hint. */
export function isSm2StanzaFor(stanza: Stanza, sm2Key: Uint8Array, objectId: Uint8Array): boolean {
  return (
    stanza.type === SM2_STANZA_TYPE && equalConstantTime(stanza.hint, sm2Hint(sm2Key, objectId))
  )
}

/** Whether a stanza is for one of this client's own keys. */
export function isOwnStanza(
  stanza: Stanza,
  keySets: readonly KeySet[],
  objectId: Uint8Array,
): boolean {
  return keySets.some(({ openingPublicKey }) => isStanzaFor(stanza, openingPublicKey, objectId))
}

/** How many keys and passphrases open an object beside this client's own; applications and custodians are not counted. */
export function sharedWith(
  stanzas: readonly Stanza[],
  keySets: readonly KeySet[],
  objectId: Uint8Array,
): number {
  const others = stanzas.filter(
    (stanza) => !UNSHARED_TYPES.has(stanza.type) && !isOwnStanza(stanza, keySets, objectId),
  )
  return others.length
}
