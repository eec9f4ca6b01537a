import { type CardPolicy, openCardAt, OrlopError, parseCardAddress } from '@orlop/client-sdk/index'
import type { CryptoCard } from '@orlop/crypto/cards/card'
import type { CliContext } from './context.ts'
import { parseChoice } from './parse-options.ts'

/** What the options say about a card. */
export interface CardFlags {
  /** Its address. */
  card?: string
  cardPolicy?: string
}

/** A card and how the client is to use it. */
export interface OpenedCard {
  /** Null where `auto` found none. */
  card: CryptoCard | null
  settings: { cardPolicy: CardPolicy; cardMinBytes: number | null }
}

/**
 * Opens the card that the options name.
 *
 * @returns null when they name none.
 * @throws OrlopError `USAGE` and `CONFIG_INVALID` for options that are wrong; `CARD_UNAVAILABLE` for a card that cannot be opened, or
 *   where one is required and none is found.
 */
export async function openCard(context: CliContext, flags: CardFlags): Promise<OpenedCard | null> {
  const policies = { preferred: 1, required: 2 }
  const cardPolicy = parseChoice('--card-policy', policies, flags.cardPolicy ?? 'preferred')
  if (flags.card === undefined) {
    if (flags.cardPolicy === undefined) return null
    throw new OrlopError('USAGE', '--card-policy goes with --card, which says which card.')
  }
  const address = parseCardAddress(flags.card)
  const card = await openCardAt(address, {
    env: context.env,
    folder: process.cwd(),
    onNotice: (message) => context.stderr.write(`orlop: ${message}\n`),
  })
  if (card === null) {
    const found = 'No card was found in the places where they usually are'
    if (cardPolicy === 'required') {
      throw new OrlopError('CARD_UNAVAILABLE', `${found}. Name its library with --card.`)
    }
    context.stderr.write(`orlop: ${found}: software seals.\n`)
  }
  return { card, settings: { cardPolicy, cardMinBytes: address.options['min-bytes'] ?? null } }
}
