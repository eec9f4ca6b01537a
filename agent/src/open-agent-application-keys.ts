import { resolve } from 'node:path'
import {
  type ApplicationKeys,
  CardReleaseOpener,
  CentreApplicationKeys,
  isOrlopError,
  type Keyring,
  readIdentity,
  requireCardAt,
} from '@orlop/client-sdk/index'
import type { AgentConfig } from './agent-config.ts'
import type { AgentSurroundings } from './open-agent-cards.ts'

/** What a configuration says of the application. */
export type ApplicationConfig = Pick<AgentConfig, 'application' | 'folder'>

/**
 * Where the keys of the application come from that the configuration names; null when it names none. No connection is made yet: a ship
 * whose link is down takes files on, and stores them when the centre can be reached. Nor need the card be there already.
 *
 * @throws OrlopError `CONFIG_INVALID` when the identity cannot be read, or is of no centre; when the card's PIN cannot be read, or the card
 *   has no such key.
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
  await opener?.check().catch((error: unknown) => {
    if (!isOrlopError(error, 'CARD_UNAVAILABLE')) throw error
    surroundings.logger.warn({ reason: error.message }, 'the application’s card cannot be used')
  })
  const requester = { requesterId, keySet, ...(opener === null ? {} : { opener }) }
  return new CentreApplicationKeys({ url, identity, ...requester })
}

function openerOf(
  { application, folder }: ApplicationConfig,
  { env, logger }: AgentSurroundings,
): CardReleaseOpener | null {
  const { card: address, cardKey } = application?.centre ?? {}
  if (address === undefined || cardKey === undefined) return null
  const onNotice = (message: string) => {
    logger.warn({}, message)
  }
  return new CardReleaseOpener(() => requireCardAt(address, { env, folder, onNotice }), cardKey)
}
