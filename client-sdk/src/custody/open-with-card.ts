import type { CardKey, CryptoCard } from '@orlop/crypto/cards/card'
import { CardError } from '@orlop/crypto/cards/card-errors'
import { checkSm2DataKey, sm2StanzasFor } from '@orlop/crypto/keys/sm2-stanza'
import { OrlopError } from '@orlop/protocol/errors'
import { cardUnavailable } from '../offload/card-unavailable.ts'
import type { KeyOpener } from '../retrieve/key-opener.ts'

/**
 * Opens objects that were shared with a card's SM2 key, or bound to it. The private key does not leave the card.
 *
 * @param keyName - index of the SM2 key for decrypting. Cards of GM/T 0018 have such keys; tokens of PKCS #11 have not.
 * @returns a way to open objects, which rejects with OrlopError `CARD_UNAVAILABLE` when the card fails, and `CONFIG_INVALID` when it has
 *   no such SM2 key.
 */
export function openWithCard(card: CryptoCard, keyName: string): KeyOpener {
  return async ({ stanzas, objectId }) => {
    const { key, point } = await cardSm2Key(card, keyName)
    const [stanza] = sm2StanzasFor(stanzas, point, objectId)
    if (stanza === undefined) return null
    const request = { algorithm: 'sm2-encrypt', key, data: stanza.wrapped } as const
    return checkSm2DataKey(await toldOfCard(card, card.decryptWith(request)))
  }
}

/**
 * Decrypts with a card's SM2 key (GB/T 32918.4).
 *
 * @throws OrlopError as {@link cardSm2Key}
 */
export async function decryptWithCard(
  card: CryptoCard,
  keyName: string,
  data: Uint8Array,
): Promise<Uint8Array> {
  const { key } = await cardSm2Key(card, keyName)
  return toldOfCard(card, card.decryptWith({ algorithm: 'sm2-encrypt', key, data }))
}

/**
 * A card's SM2 key for decrypting.
 *
 * @returns its handle, and its public key: 65 bytes.
 * @throws OrlopError `CONFIG_INVALID` when there is none of this name; `CARD_UNAVAILABLE` when the card fails.
 */
export async function cardSm2Key(
  card: CryptoCard,
  keyName: string,
): Promise<{ key: CardKey; point: Uint8Array }> {
  const stored = await toldOfCard(card, card.storedKey({ use: 'decrypt', name: keyName }))
  if (stored?.publicKey?.type === 'sm2') return { key: stored.key, point: stored.publicKey.point }
  throw new OrlopError(
    'CONFIG_INVALID',
    `The card ${card.info().name} has no SM2 key '${keyName}' to decrypt with. Make one there, or name another.`,
  )
}

/** What a card says of itself, as an error of ours. */
async function toldOfCard<T>(card: CryptoCard, call: Promise<T>): Promise<T> {
  try {
    return await call
  } catch (error) {
    if (!(error instanceof CardError)) throw error
    const { name } = card.info()
    throw cardUnavailable(`The card ${name} cannot use its key: ${error.message}.`, name, error)
  }
}
