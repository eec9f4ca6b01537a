import {
  type CardPolicy,
  type CardSurroundings,
  type ClientCard,
  closeCards,
  openCardsAt,
  OrlopError,
  parseCardAddress,
  requireCardAt,
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
export interface SealingCards {
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
  return requireCardAt(parseCardAddress(flags.card), surroundingsOf(context))
}

/**
 * Opens the cards that the options name. One that cannot be opened is told on stderr where another can.
 *
 * @throws OrlopError `USAGE` and `CONFIG_INVALID` for options that are wrong; `CARD_UNAVAILABLE` when none of those that are named can be
 *   opened, or where one is required and `auto` finds none.
 */
export async function openCards(
  context: CliContext,
  flags: SealingCardFlags,
): Promise<SealingCards> {
  const policies = { preferred: 1, required: 2 }
  const cardPolicy = parseChoice('--card-policy', policies, flags.cardPolicy ?? 'preferred')
  const addresses = (flags.card ?? []).map(parseCardAddress)
  if (addresses.length === 0 && flags.cardPolicy !== undefined) {
    throw new OrlopError('USAGE', '--card-policy goes with --card, which says which card.')
  }
  const { cards, failure } = await openCardsAt(addresses, surroundingsOf(context))
  const isExpected = cardPolicy === 'required' || addresses.some(({ kind }) => kind !== 'auto')
  if (failure !== null && cards.length === 0 && isExpected) throw failure
  return { cards, settings: { cardPolicy }, close: () => closeCards(cards) }
}

function surroundingsOf({ env, stderr }: CliContext): CardSurroundings {
  const onNotice = (message: string) => stderr.write(`orlop: ${message}\n`)
  return { env, folder: process.cwd(), onNotice }
}
