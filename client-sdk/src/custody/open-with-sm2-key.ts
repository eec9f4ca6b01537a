import { sm2PublicKey } from '@orlop/crypto/cards/sm2/public-key'
import { sm2StanzasFor, unwrapWithSm2 } from '@orlop/crypto/keys/sm2-stanza'
import type { KeyOpener } from '../retrieve/key-opener.ts'

/**
 * Opens objects that were shared with an SM2 key, or bound to one.
 *
 * @param privateKey - 32 bytes; read at every opening, so wipe it afterwards.
 */
export function openWithSm2Key(privateKey: Uint8Array): KeyOpener {
  return ({ stanzas, objectId }) => {
    const [stanza] = sm2StanzasFor(stanzas, sm2PublicKey(privateKey), objectId)
    return Promise.resolve(stanza === undefined ? null : unwrapWithSm2(privateKey, stanza))
  }
}
