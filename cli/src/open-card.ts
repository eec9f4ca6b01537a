import {
  type CardAddress,
  type CardPolicy,
  type ClientCard,
  openCardAt,
  OrlopError,
  parseCardAddress,
} from '@orlop/client-sdk/index'
import type { CryptoCard } from '@orlop/crypto/cards/card'
import type { CliContext } from './context.ts'
import { parseChoice } from './parse-options.ts'

/** What the options say about a card whose key is used. */
export interface CardFlags {
  /** Its address. */
  card?: string
}

/** What the options say about cards that seal. */
export interface SealingCardFlags {
  /** Their addresses, the preferred first. */
  card?: string[]
  cardPolicy?: string
}

/** Cards that seal, and how the client is to use them. */
export interface OpenedCards {
  /** None where software seals. */
  readonly cards: readonly ClientCard[]
  readonly settings: { readonly cardPolicy: CardPolicy }
  close(): Promise<void>
}

/**
 * Opens the card that `--card` names. The caller closes it.
 *
 * @throws OrlopError `USAGE` without `--card`; `CONFIG_INVALID` for an address that is wrong; `CARD_UNAVAILABLE` for a card that is not
 *   there or cannot be opened.
 */
export async function openCard(context: CliContext, flags: CardFlags): Promise<CryptoCard> {
  if (flags.card === undefined) throw new OrlopError('USAGE', 'Say which card with --card.')
  const card = await openOne(context, parseCardAddress(flags.card))
  if (card === null) throw noCard()
  return card
}

/**
 * Opens the cards that the options name.
 *
 * @throws OrlopError `USAGE` and `CONFIG_INVALID` for options that are wrong; `CARD_UNAVAILABLE` for a card that cannot be opened, or
 *   where one is required and `auto` finds none.
 */
export async function openCards(
  context: CliContext,
  flags: SealingCardFlags,
): Promise<OpenedCards> {
  const policies = { preferred: 1, required: 2 }
  const cardPolicy = parseChoice('--card-policy', policies, flags.cardPolicy ?? 'preferred')
  const addresses = (flags.card ?? []).map(parseCardAddress)
  if (addresses.length === 0 && flags.cardPolicy !== undefined) {
    throw new OrlopError('USAGE', '--card-policy goes with --card, which says which card.')
  }
  const cards: ClientCard[] = []
  const close = async () => {
    for (const { card } of cards) await card.close()
  }
  try {
    for (const address of addresses) {
      const card = await openOne(context, address)
      const minBytes = address.options['min-bytes']
      if (card !== null) cards.push({ card, ...(minBytes === undefined ? {} : { minBytes }) })
    }
    if (addresses.length > 0 && cards.length === 0) {
      if (cardPolicy === 'required') throw noCard()
      context.stderr.write(`orlop: ${NOT_FOUND}: software seals.\n`)
    }
  } catch (error) {
    await close()
    throw error
  }
  return { cards, settings: { cardPolicy }, close }
}

const NOT_FOUND = 'No card was found in the places where they usually are'

function openOne(context: CliContext, address: CardAddress): Promise<CryptoCard | null> {
  return openCardAt(address, {
    env: context.env,
    folder: process.cwd(),
    onNotice: (message) => context.stderr.write(`orlop: ${message}\n`),
  })
}

function noCard(): OrlopError {
  return new OrlopError('CARD_UNAVAILABLE', `${NOT_FOUND}. Name its library with --card.`)
}
