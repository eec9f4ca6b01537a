import { randomBytes } from '@orlop/crypto/bytes'
import type { CryptoCard } from '@orlop/crypto/cards/card'
import { CardClosedError, CardLostError } from '@orlop/crypto/cards/card-errors'
import { cardPartOf } from '@orlop/crypto/cards/offload/card-cipher'
import { mixedRandom } from '@orlop/crypto/cards/offload/mixed-random'
import { OFFLOAD_MIN_BYTES } from '@orlop/crypto/cards/offload/min-bytes'
import type { SuiteName } from '@orlop/crypto/format/header'
import type { ClientEvents } from '../events.ts'
import type { Crews } from '../pipeline/crews.ts'
import type { CardPolicy } from './card-policy.ts'
import { CardSealing } from './card-sealing.ts'
import { cardUnavailable } from './card-unavailable.ts'

export interface CardOffloadOptions {
  readonly policy: CardPolicy
  /** Chunks shorter than this are sealed by software where the policy lets them; null for what was measured. */
  readonly minBytes: number | null
}

/** Which object is to be sealed, and how. */
export interface CardSealingRequest {
  /** As people write its id. */
  readonly objectName: string
  readonly suite: SuiteName
  /** Stricter than the client's when an earlier run began under it. */
  readonly policy: CardPolicy
}

/** What a client gives to a card. The card belongs to who opened it. */
export class CardOffload {
  readonly policy: CardPolicy
  readonly #card: CryptoCard
  readonly #minBytes: number | null
  /** Set when the card went away: it has to be opened again, by who opened it. */
  #gone: Error | null = null

  constructor(card: CryptoCard, { policy, minBytes }: CardOffloadOptions) {
    this.#card = card
    this.policy = policy
    this.#minBytes = minBytes
  }

  /** @throws OrlopError `CARD_UNAVAILABLE` when a card is required and does nothing of the suite, or has gone away before */
  assertCan(suite: SuiteName, policy = this.policy): void {
    if (policy === 'preferred') return
    const { name, algorithms } = this.#card.info()
    if (this.#gone !== null) {
      throw cardUnavailable(
        `The card ${name} went away, and a card is required. Connect it and start the program again.`,
        name,
        this.#gone,
      )
    }
    if (cardPartOf(this.#card.info(), suite).length > 0) return
    throw cardUnavailable(
      `The card ${name} does no part of ${suite}, and a card is required. Use a suite that it has, another card, or let software do it. It has ${algorithms.join(', ')}.`,
      name,
    )
  }

  /** Prepares the sealing of one object. @throws as {@link assertCan} */
  begin(
    client: { readonly crews: Crews; readonly events: ClientEvents },
    request: CardSealingRequest,
  ): CardSealing {
    const { objectName, suite, policy } = request
    this.assertCan(suite, policy)
    const minBytes = this.#minBytes ?? OFFLOAD_MIN_BYTES[suite]
    return new CardSealing(this.#card, client.crews, {
      suite,
      policy,
      minBytes: policy === 'required' ? 0 : minBytes,
      onFailed: (cause) => {
        const isGone = cause instanceof CardLostError || cause instanceof CardClosedError
        if (isGone) this.#gone = cause
      },
      onLost: (code, reason) => {
        const card = this.#card.info().name
        client.events.emit({ type: 'card-lost', objectName, card, code, reason })
      },
    })
  }

  /**
   * Random bytes for keys, from the system and the card.
   *
   * @throws OrlopError `CARD_UNAVAILABLE` when the card gives none and `sealing` requires it
   */
  async random(lengthBytes: number, sealing: CardSealing): Promise<Uint8Array> {
    try {
      return await mixedRandom(this.#card, lengthBytes)
    } catch (error) {
      sealing.lose(error)
      return randomBytes(lengthBytes)
    }
  }
}
