import { type ClientCard, openCardsAt, OrlopError } from '@orlop/client-sdk/index'
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
): Promise<readonly ClientCard[]> {
  const isRequired = cardPolicy === 'required'
  if (addresses.length === 0 && isRequired) {
    throw new OrlopError(
      'CONFIG_INVALID',
      'The configuration requires a card and names none. Add `cards:`, or leave out `cardPolicy`.',
    )
  }
  const onNotice = (reason: string) => {
    logger.warn({ reason }, 'a card cannot be used')
  }
  const { cards, failure } = await openCardsAt(addresses, { env, folder, onNotice })
  if (failure !== null && cards.length === 0 && isRequired) throw failure
  return cards
}
