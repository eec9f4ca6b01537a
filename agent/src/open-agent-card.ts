import { isOrlopError, openCardAt, OrlopError } from '@orlop/client-sdk/index'
import type { Logger } from '@orlop/protocol/logger'
import type { AgentConfig } from './agent-config.ts'

/** What a configuration says of the card. */
export type CardConfig = Pick<AgentConfig, 'card' | 'cardPolicy' | 'folder'>

export interface AgentSurroundings {
  /** Environment variables, for a card's `pin-env`. */
  env: Readonly<Record<string, string | undefined>>
  logger: Logger
}

/**
 * Opens the card of an agent's configuration. Where software may do its work, an agent that cannot open it says so in its log and runs
 * without: a ship's data are stored all the same, and each manifest says that software sealed.
 *
 * @returns null for an agent that seals by software.
 * @throws OrlopError `CARD_UNAVAILABLE` where the card is required; `CONFIG_INVALID` when its PIN cannot be read.
 */
export async function openAgentCard(
  { card: address, cardPolicy, folder }: CardConfig,
  { env, logger }: AgentSurroundings,
) {
  if (address === undefined) {
    if (cardPolicy === 'preferred') return null
    throw new OrlopError(
      'CONFIG_INVALID',
      'The configuration requires a card and names none. Add `card:`, or leave out `cardPolicy`.',
    )
  }
  const onNotice = (message: string) => {
    logger.warn({}, message)
  }
  try {
    const card = await openCardAt(address, { env, folder, onNotice })
    if (card !== null) return card
    throw new OrlopError(
      'CARD_UNAVAILABLE',
      'No card was found in the places where they usually are. Name its library.',
    )
  } catch (error) {
    const mayGoOn = cardPolicy === 'preferred' && isOrlopError(error, 'CARD_UNAVAILABLE')
    if (!mayGoOn) throw error
    logger.warn({ code: error.code, reason: error.message }, 'no card: software seals')
    return null
  }
}
