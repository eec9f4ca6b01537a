import { resolve } from 'node:path'
import {
  type ApplicationKeys,
  CentreApplicationKeys,
  type Keyring,
  readIdentity,
} from '@orlop/client-sdk/index'
import type { AgentConfig } from './agent-config.ts'

/**
 * Where the keys of the application come from that the configuration names; null when it names none. No connection is made yet: a ship
 * whose link is down takes files on, and stores them when the centre can be reached.
 *
 * @throws OrlopError `CONFIG_INVALID` when the identity cannot be read, or is of no centre.
 */
export async function openAgentApplicationKeys(
  { application, folder }: Pick<AgentConfig, 'application' | 'folder'>,
  { keySets }: Keyring,
): Promise<ApplicationKeys | null> {
  const [keySet] = keySets
  if (application === undefined || keySet === undefined) return null
  const { url, identityFile, requesterId } = application.centre
  const identity = await readIdentity(resolve(folder, identityFile))
  return new CentreApplicationKeys({ url, identity, requesterId, keySet })
}
