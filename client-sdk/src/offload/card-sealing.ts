import type { CryptoCard } from '@orlop/crypto/cards/card'
import { cardPartOf } from '@orlop/crypto/cards/offload/card-cipher'
import { CardSealer } from '@orlop/crypto/cards/offload/card-sealer'
import type { SuiteName } from '@orlop/crypto/format/header'
import type { Crew } from '../pipeline/crew.ts'
import type { Crews } from '../pipeline/crews.ts'
import type { ObjectContext } from '../pipeline/operations.ts'
import { CardCrew, type ObjectSealing } from './card-crew.ts'
import type { CardPolicy } from './card-policy.ts'
import { cardUnavailable } from './card-unavailable.ts'
import { describeSealing } from './describe-sealing.ts'

export interface CardSealingOptions {
  readonly suite: SuiteName
  readonly policy: CardPolicy
  /** Chunks shorter than this go to software. */
  readonly minBytes: number
  /** Called at every failure. */
  readonly onFailed: (cause: unknown) => void
  /** Called once, when software takes over. */
  readonly onLost: (code: string, reason: string) => void
}

/** The sealing of one object: what a card does of it, and what software does. */
export class CardSealing implements Crews, ObjectSealing {
  readonly inline: Crew
  readonly threads: Crew
  readonly #card: CryptoCard
  readonly #options: CardSealingOptions
  #sealer: Promise<CardSealer> | null = null
  #isUsed: boolean
  #lostCode: string | null = null
  #chunks = 0
  #cardChunks = 0

  constructor(card: CryptoCard, crews: Crews, options: CardSealingOptions) {
    this.#card = card
    this.#options = options
    this.#isUsed = cardPartOf(card.info(), options.suite).length > 0
    this.inline = new CardCrew(crews.inline, this)
    this.threads = new CardCrew(crews.threads, this)
  }

  /** Who sealed the object, for its manifest: the card or `software`, and where one took over from the other. */
  describe(): string {
    return describeSealing({
      info: this.#card.info(),
      algorithms: cardPartOf(this.#card.info(), this.#options.suite),
      chunks: this.#chunks,
      cardChunks: this.#cardChunks,
      lostCode: this.#lostCode,
    })
  }

  /** Whether a chunk of so many bytes of plaintext is the card's. */
  takes(plainBytes: number): boolean {
    return this.#isUsed && plainBytes >= this.#options.minBytes
  }

  /** The object's keys on the card, brought there at the first call. */
  sealerOf({ dataKey, headerBytes }: ObjectContext): Promise<CardSealer> {
    this.#sealer ??= CardSealer.open(this.#card, { dataKey, headerBytes })
    return this.#sealer
  }

  count(isByCard: boolean): void {
    this.#chunks += 1
    if (isByCard) this.#cardChunks += 1
  }

  /**
   * The card failed: software takes over for the rest of the object, and listeners are told.
   *
   * @throws OrlopError `CARD_UNAVAILABLE` when the card is required
   */
  lose(cause: unknown): void {
    const { name } = this.#card.info()
    const reason = cause instanceof Error ? cause.message : 'it failed'
    this.#options.onFailed(cause)
    if (this.#options.policy === 'required') {
      throw cardUnavailable(
        `The card ${name} is required and cannot go on (${reason}). Nothing was sealed by software. Put the card right, then store it again: an upload of a file goes on.`,
        name,
        cause,
      )
    }
    this.#isUsed = false
    if (this.#lostCode !== null) return
    this.#lostCode = codeOf(cause)
    this.#options.onLost(this.#lostCode, reason)
  }

  /** Destroys the object's keys on the card. */
  async release(): Promise<void> {
    const sealer = this.#sealer
    this.#sealer = null
    this.#isUsed = false
    // A card that went away took its keys with it.
    await sealer?.then((open) => open.dispose()).catch(() => undefined)
  }
}

function codeOf(cause: unknown): string {
  const code = cause instanceof Error ? (cause as Error & { code?: unknown }).code : null
  return typeof code === 'string' ? code : 'CARD_FAILED'
}
