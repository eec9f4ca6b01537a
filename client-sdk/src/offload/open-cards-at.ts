import type { CryptoCard } from '@orlop/crypto/cards/card'
import { isOrlopError, OrlopError } from '@orlop/protocol/errors'
import type { CardAddress } from './card-address.ts'
import type { ClientCard } from './card-offload.ts'
import { type CardSurroundings, openCardAt } from './open-card-at.ts'

/** Cards that were looked for. */
export interface OpenedCards {
  /** Those that can be used, in the order of their addresses. The caller closes them (`closeCards`). */
  readonly cards: readonly ClientCard[]
  /** `CARD_UNAVAILABLE`: why the first that cannot be used cannot; null when all can. */
  readonly failure: OrlopError | null
}

/**
 * Opens the cards that seal for a client. One that cannot be opened is told to `onNotice`, and the others are used: whether none is enough
 * is the caller's to say.
 *
 * @throws OrlopError `CONFIG_INVALID` as {@link openCardAt}; nothing stays open.
 */
export async function openCardsAt(
  addresses: readonly CardAddress[],
  surroundings: CardSurroundings,
): Promise<OpenedCards> {
  const cards: ClientCard[] = []
  let failure: OrlopError | null = null
  for (const address of addresses) {
    try {
      const card = await requireCardAt(address, surroundings)
      const minBytes = address.options['min-bytes']
      cards.push({ card, ...(minBytes === undefined ? {} : { minBytes }) })
    } catch (error) {
      if (!isOrlopError(error, 'CARD_UNAVAILABLE')) {
        await closeCards(cards)
        throw error
      }
      failure ??= error
      surroundings.onNotice(error.message)
    }
  }
  return { cards, failure }
}

/** Closes every one of them, whatever becomes of the others. */
export async function closeCards(cards: readonly ClientCard[]): Promise<void> {
  await Promise.allSettled(cards.map(({ card }) => card.close()))
}

/** As {@link openCardAt}, where there has to be one. @throws OrlopError as that; `CARD_UNAVAILABLE` also where `auto` finds none */
export async function requireCardAt(
  address: CardAddress,
  surroundings: CardSurroundings,
): Promise<CryptoCard> {
  const card = await openCardAt(address, surroundings)
  if (card !== null) return card
  throw new OrlopError(
    'CARD_UNAVAILABLE',
    'No card was found in the places where they usually are. Name its library.',
  )
}
