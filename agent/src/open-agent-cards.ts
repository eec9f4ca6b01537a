import {
  type CardAddress,
  type ClientCard,
  isOrlopError,
  openCardAt,
  OrlopError,
} from '@orlop/client-sdk/index'
import type { Logger } from '@orlop/protocol/logger'
import type { AgentConfig } from './agent-config.ts'

/** What a configuration says of cards. */
export type CardConfig = Pick<AgentConfig, 'cards' | 'cardPolicy' | 'folder'>

export interface AgentSurroundings {
  /** Environment variables, for a card's `pin-env`. */
  env: Readonly<Record<string, string | undefined>>
  logger: Logger
}

/**
 * Opens the cards of an agent's configuration. One that cannot be opened is said in the log, and the agent runs with the others; with
 * none of them where software may do their work: a ship's data are stored all the same, and each manifest says who sealed.
 *
 * @returns in the configuration's order; none for an agent that seals by software. The caller closes them.
 * @throws OrlopError `CARD_UNAVAILABLE` where a card is required and none can be opened; `CONFIG_INVALID` when a PIN cannot be read.
 */
export async function openAgentCards(
  { cards: addresses, cardPolicy, folder }: CardConfig,
  { env, logger }: AgentSurroundings,
): Promise<ClientCard[]> {
  const isRequired = cardPolicy === 'required'
  if (addresses.length === 0 && isRequired) {
    throw new OrlopError(
      'CONFIG_INVALID',
      'The configuration requires a card and names none. Add `cards:`, or leave out `cardPolicy`.',
    )
  }
  const open = (address: CardAddress) => {
    const onNotice = (message: string) => {
      logger.warn({}, message)
    }
    return openCardAt(address, { env, folder, onNotice })
  }
  const cards: ClientCard[] = []
  let failure: OrlopError | null = null
  try {
    for (const address of addresses) {
      try {
        cards.push(await openOne(address, open))
      } catch (error) {
        if (!isOrlopError(error, 'CARD_UNAVAILABLE')) throw error
        failure ??= error
        logger.warn({ code: error.code, reason: error.message }, 'a card cannot be used')
      }
    }
    if (failure !== null && cards.length === 0 && isRequired) throw failure
  } catch (error) {
    await closeCards(cards)
    throw error
  }
  return cards
}

export async function closeCards(cards: readonly ClientCard[]): Promise<void> {
  for (const { card } of cards) await card.close()
}

async function openOne(
  address: CardAddress,
  open: (address: CardAddress) => ReturnType<typeof openCardAt>,
): Promise<ClientCard> {
  const card = await open(address)
  if (card === null) {
    throw new OrlopError(
      'CARD_UNAVAILABLE',
      'No card was found in the places where they usually are. Name its library.',
    )
  }
  const minBytes = address.options['min-bytes']
  return { card, ...(minBytes === undefined ? {} : { minBytes }) }
}
