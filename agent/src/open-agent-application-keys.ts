import { resolve } from 'node:path'
import {
  type ApplicationKeys,
  CardReleaseOpener,
  CentreApplicationKeys,
  type Keyring,
  openCardAt,
  OrlopError,
  readIdentity,
} from '@orlop/client-sdk/index'
import type { AgentConfig } from './agent-config.ts'
import type { AgentSurroundings } from './open-agent-cards.ts'

/** What a configuration says of the application. */
export type ApplicationConfig = Pick<AgentConfig, 'application' | 'folder'>

/**
 * Where the keys of the application come from that the configuration names; null when it names none. No connection is made yet, and no
 * card opened: a ship whose link is down takes files on, and stores them when the centre can be reached.
 *
 * @throws OrlopError `CONFIG_INVALID` when the identity cannot be read, or is of no centre.
 */
export async function openAgentApplicationKeys(
  config: ApplicationConfig,
  { keySets }: Keyring,
  surroundings: AgentSurroundings,
): Promise<ApplicationKeys | null> {
  const { application, folder } = config
  const [keySet] = keySets
  if (application === undefined || keySet === undefined) return null
  const { url, identityFile, requesterId } = application.centre
  const identity = await readIdentity(resolve(folder, identityFile))
  const opener = openerOf(config, surroundings)
  return new CentreApplicationKeys({ url, identity, requesterId, keySet, ...opener })
}

function openerOf({ application, folder }: ApplicationConfig, surroundings: AgentSurroundings) {
  const { card: address, cardKey } = application?.centre ?? {}
  if (address === undefined || cardKey === undefined) return {}
  const { env, logger } = surroundings
  const onNotice = (message: string) => {
    logger.warn({}, message)
  }
  const open = async () => {
    const card = await openCardAt(address, { env, folder, onNotice })
    if (card !== null) return card
    throw new OrlopError('CARD_UNAVAILABLE', 'No card was found. Name its library.')
  }
  return { opener: new CardReleaseOpener(open, cardKey) }
}
