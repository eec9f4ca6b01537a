import type { Stanza } from '@orlop/crypto/format/envelope'
import type { OwnedObject } from '@orlop/crypto/keys/custody-stanzas'
import { isSm2StanzaMadeFor, sm2StanzasFor } from '@orlop/crypto/keys/sm2-stanza'

/**
 * The stanza by which an object is bound to a joint key. One that was made for another object counts for none: whoever copies another's
 * into an envelope of its own would get parts that open the other.
 *
 * @param publicKey - the joint key's, 65 bytes.
 */
export function jointStanzaOf(
  stanzas: readonly Stanza[],
  publicKey: Uint8Array,
  object: OwnedObject,
): Stanza | null {
  const meant = sm2StanzasFor(stanzas, publicKey, object.objectId)
  return meant.find((stanza) => isSm2StanzaMadeFor(stanza, object)) ?? null
}
