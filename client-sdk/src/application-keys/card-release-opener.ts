import type { CryptoCard } from '@orlop/crypto/cards/card'
import { CardClosedError, CardLostError } from '@orlop/crypto/cards/card-errors'
import { isOrlopError } from '@orlop/protocol/errors'
import { decryptWithCard } from '../custody/open-with-card.ts'

/** Opens keys that a centre wrapped to a card's SM2 key, which stays on the card. */
export class CardReleaseOpener {
  readonly #openCard: () => Promise<CryptoCard>
  readonly #keyName: string
  #card: Promise<CryptoCard> | null = null

  /**
   * @param openCard - called at the first use, and again after the card went away.
   * @param keyName - as the card knows the key for decrypting: an index for SDF, a label for PKCS #11.
   */
  constructor(openCard: () => Promise<CryptoCard>, keyName: string) {
    this.#openCard = openCard
    this.#keyName = keyName
  }

  /**
   * @param wrapped - 129 bytes.
   * @returns the key, 32 bytes.
   * @throws OrlopError `CARD_UNAVAILABLE` when the card fails or cannot be opened; `CONFIG_INVALID` when it has no such SM2 key
   */
  async open(wrapped: Uint8Array): Promise<Uint8Array> {
    const card = await this.#opened()
    try {
      return await decryptWithCard(card, this.#keyName, wrapped)
    } catch (error) {
      const cause = isOrlopError(error) ? error.cause : null
      if (cause instanceof CardLostError || cause instanceof CardClosedError) await this.close()
      throw error
    }
  }

  /** Closes the card. May be called twice. */
  async close(): Promise<void> {
    const card = this.#card
    this.#card = null
    // One that went away has nothing to close.
    await card?.then((open) => open.close()).catch(() => undefined)
  }

  #opened(): Promise<CryptoCard> {
    this.#card ??= this.#openCard().catch((error: unknown) => {
      this.#card = null
      throw error
    })
    return this.#card
  }
}
