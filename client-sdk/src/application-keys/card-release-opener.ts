import type { CryptoCard } from '@orlop/crypto/cards/card'
import { CardClosedError, CardLostError } from '@orlop/crypto/cards/card-errors'
import { isOrlopError } from '@orlop/protocol/errors'
import { cardSm2Key, decryptWithCard } from '../custody/open-with-card.ts'

/** Opens keys that a centre wrapped to a card's SM2 key, which stays on the card. */
export class CardReleaseOpener {
  readonly #openCard: () => Promise<CryptoCard>
  readonly #keyName: string
  #card: Promise<CryptoCard> | null = null
  #isClosed = false

  /**
   * @param openCard - called at the first use, and again after the card went away.
   * @param keyName - index of the SM2 key for decrypting. Cards of GM/T 0018 have such keys; tokens of PKCS #11 have not.
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
    return this.#withCard((card) => decryptWithCard(card, this.#keyName, wrapped))
  }

  /** Opens the card and looks for the key. @throws OrlopError as {@link open} */
  async check(): Promise<void> {
    await this.#withCard((card) => cardSm2Key(card, this.#keyName))
  }

  /** Closes the card, for good. May be called twice. */
  async close(): Promise<void> {
    this.#isClosed = true
    await this.#forget(this.#card)
  }

  async #withCard<T>(work: (card: CryptoCard) => Promise<T>): Promise<T> {
    if (this.#isClosed) throw new TypeError('the application keys are closed')
    this.#card ??= this.#openCard()
    const used = this.#card
    try {
      return await work(await used)
    } catch (error) {
      if (!(await hasOpened(used)) || isGone(error)) await this.#forget(used)
      throw error
    }
  }

  /** Another call may have opened the card again meanwhile: that one stays. */
  async #forget(used: Promise<CryptoCard> | null): Promise<void> {
    if (this.#card === used) this.#card = null
    // One that went away has nothing to close.
    await used?.then((card) => card.close()).catch(() => undefined)
  }
}

function hasOpened(card: Promise<CryptoCard>): Promise<boolean> {
  return card.then(
    () => true,
    () => false,
  )
}

function isGone(error: unknown): boolean {
  const cause = isOrlopError(error) ? error.cause : null
  return cause instanceof CardLostError || cause instanceof CardClosedError
}
