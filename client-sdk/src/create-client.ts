import { type Clock, systemClock } from '@orlop/protocol/clock'
import { OrlopError } from '@orlop/protocol/errors'
import { createLibp2pTransport } from '@orlop/transport/libp2p-transport'
import type { Transport } from '@orlop/transport/transport'
import type { OrlopClient } from './client.ts'
import {
  assertSameDeployment,
  type ClientOptions,
  composeClient,
  type TransportIdentity,
} from './compose-client.ts'
import { bindCustodyVerbs } from './custody/bind-custody-verbs.ts'
import { nodeCustody } from './custody/node-custody.ts'
import { nodeFiles } from './files/node-files.ts'
import { openClientHome } from './home/client-home.ts'
import { CardOffload, type ClientCard } from './offload/card-offload.ts'
import { loadPolicy } from './policy/load-policy.ts'
import type { Policy } from './policy/schema.ts'
import { DEFAULT_SETTINGS } from './settings.ts'
import { SOFTWARE } from './software.ts'

/** What a client is made of. */
export interface CreateClientOptions extends Omit<ClientOptions, 'transport'> {
  /** Folder for catalogue, uploads under way and what was measured; made when missing. One process at a time. */
  readonly home: string
  /** A policy, or the path of a policy file; the default policy for ship data when left out. */
  readonly policy?: Policy | string
  /** libp2p over TCP when left out. The client starts and stops it. */
  readonly transport?: ClientOptions['transport']
  /**
   * Seal what is worth giving to a card, as `settings.cardPolicy` says: the first that can, the next when that fails. They belong to the
   * caller, who closes them after `close`.
   */
  readonly cards?: readonly ClientCard[]
  readonly clock?: Clock
}

/**
 * Makes a client: opens its home folder and starts its transport. No connection is made before one is needed.
 *
 * @example
 * ```ts
 * const client = await createClient({ home, keyring, deployment, ledger })
 * const { objectId } = await client.store({ source: { path: 'voyage-plan.rtz' } })
 * await client.retrieveToFile({ objectId, file: 'copy.rtz' })
 * await client.close()
 * ```
 *
 * @throws OrlopError `HOME_LOCKED` when another process has the home folder open; `POLICY_INVALID` naming file and line;
 *   `LEDGER_MISMATCH` when the ledger reader is of another deployment; `CONFIG_INVALID` when a card is required and none given.
 */
export async function createClient(options: CreateClientOptions): Promise<OrlopClient> {
  assertSameDeployment(options)
  const clock = options.clock ?? systemClock
  const { policy: policyOption, transport = libp2pTransport } = options
  const policy = typeof policyOption === 'object' ? policyOption : await loadPolicy(policyOption)
  const cards = offloadTo(options.cards ?? [], options.settings)
  const home = await openClientHome(options.home, clock)
  const custody = { keys: nodeCustody, verbs: bindCustodyVerbs }
  const parts = { home, files: nodeFiles, ownCrews: null, cards, custody, policy, clock }
  return composeClient({ ...options, transport }, parts)
}

function offloadTo(
  cards: readonly ClientCard[],
  settings: CreateClientOptions['settings'],
): CardOffload | null {
  const { cardPolicy } = { ...DEFAULT_SETTINGS, ...settings }
  if (cards.length > 0) return new CardOffload(cards, cardPolicy)
  if (cardPolicy === 'preferred') return null
  throw new OrlopError(
    'CONFIG_INVALID',
    'The settings require a card, and the client was given none. Give it `cards`, or leave out `cardPolicy`.',
  )
}

function libp2pTransport(identity: TransportIdentity): Promise<Transport> {
  return createLibp2pTransport({ ...identity, software: SOFTWARE })
}
