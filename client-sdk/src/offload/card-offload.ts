import type { CryptoCard } from '@orlop/crypto/cards/card'
import { CardClosedError, CardLostError } from '@orlop/crypto/cards/card-errors'
import { cardPartOf } from '@orlop/crypto/cards/offload/card-cipher'
import { OFFLOAD_MIN_BYTES } from '@orlop/crypto/cards/offload/min-bytes'
import type { SuiteName } from '@orlop/crypto/format/header'
import type { ClientEvents } from '../events.ts'
import type { Crews } from '../pipeline/crews.ts'
import type { CardPolicy } from './card-policy.ts'
import { CardSealing } from './card-sealing.ts'
import { cardUnavailable } from './card-unavailable.ts'

/** A card of a client, opened. It belongs to who opened it. */
export interface ClientCard {
  readonly card: CryptoCard
  /** Chunks shorter than this are sealed by software where the policy lets them; what was measured when left out. */
  readonly minBytes?: number
}

/** Which object is to be sealed, and how. */
export interface CardSealingRequest {
  /** As people write its id. */
  readonly objectName: string
  readonly suite: SuiteName
  /** Stricter than the client's when an earlier run began under it. */
  readonly policy: CardPolicy
}

/** What a client gives to its cards: the first that can does it, and the next when that fails. */
export class CardOffload {
  readonly policy: CardPolicy
  readonly #cards: readonly ClientCard[]
  /** Those that went away, and why: each has to be opened again, by who opened it. */
  readonly #gone = new Map<CryptoCard, Error>()

  /** @param cards - at least one, the preferred first */
  constructor(cards: readonly ClientCard[], policy: CardPolicy) {
    this.#cards = cards
    this.policy = policy
  }

  /** @throws OrlopError `CARD_UNAVAILABLE` when a card is required and none does a part of the suite, or all that do went away before */
  assertCan(suite: SuiteName, policy = this.policy): void {
    if (policy === 'preferred') return
    const able = this.#cards.filter(({ card }) => cardPartOf(card.info(), suite).length > 0)
    if (able.length === 0) throw this.#noneFor(suite)
    if (able.some(({ card }) => !this.#gone.has(card))) return
    const names = able.map(({ card }) => card.info().name)
    throw cardUnavailable(
      `A card is required for ${suite}, and went away: ${names.join(', ')}. Connect it and start the program again.`,
      names[0] ?? '',
      [...this.#gone.values()].at(-1),
    )
  }

  /** Prepares the sealing of one object. @throws as {@link assertCan} */
  begin(
    client: { readonly crews: Crews; readonly events: ClientEvents },
    { objectName, suite, policy }: CardSealingRequest,
  ): CardSealing {
    this.assertCan(suite, policy)
    const present = this.#cards.filter(({ card }) => !this.#gone.has(card))
    const turns = present.map(({ card, minBytes }) => ({
      card,
      algorithms: cardPartOf(card.info(), suite),
      minBytes: policy === 'required' ? 0 : (minBytes ?? OFFLOAD_MIN_BYTES[suite]),
    }))
    return new CardSealing(turns, client.crews, {
      policy,
      onFailed: (card, cause) => {
        const isGone = cause instanceof CardLostError || cause instanceof CardClosedError
        if (isGone) this.#gone.set(card, cause)
      },
      onLost: (loss) => {
        client.events.emit({ type: 'card-lost', objectName, ...loss })
      },
    })
  }

  #noneFor(suite: SuiteName): Error {
    const infos = this.#cards.map(({ card }) => card.info())
    const have = infos.map(({ name, algorithms }) => `${name} has ${algorithms.join(', ')}`)
    return cardUnavailable(
      `A card is required, and none here does a part of ${suite}. Use a suite that one has, another card, or let software do it. The card ${have.join('; the card ')}.`,
      infos[0]?.name ?? '',
    )
  }
}
