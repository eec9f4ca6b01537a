import { existsSync } from 'node:fs'
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import {
  closeCards,
  createClient,
  createFileKeyring,
  FileKeyring,
  type Keyring,
  loadPolicy,
  openLedger,
  type OrlopClient,
} from '@orlop/client-sdk/index'
import { isOrlopError, OrlopError } from '@orlop/protocol/errors'
import type { Logger } from '@orlop/protocol/logger'
import type { AgentConfig } from './agent-config.ts'
import { Agent } from './agent.ts'
import { openAgentApplicationKeys } from './open-agent-application-keys.ts'
import { type AgentSurroundings, openAgentCards } from './open-agent-cards.ts'
import { LevelSpool } from './spool/level-spool.ts'

export interface RunningAgent {
  readonly clientId: number
  /** Ends in good order; what was under way continues at the next start. */
  stop(): Promise<void>
}

export interface RunAgentOptions {
  config: AgentConfig
  logger: Logger
  /** Environment variables, for a card's `pin-env`; none when left out. */
  env?: AgentSurroundings['env']
  signal: AbortSignal
}

const REGISTER_PAUSE_MS = 2_000

/**
 * Runs the ship-board agent: opens (or at the first start makes) its keyring, registers the ship, waits until it is admitted,
 * then watches and stores.
 *
 * @throws OrlopError `KEYRING_LOCKED`, `ALREADY_EXISTS` for a recovery key without a keyring, `HOME_LOCKED`, `POLICY_INVALID`, `NOT_ADMITTED` for a suspended ship, `CARD_UNAVAILABLE` for a required card, `ABORTED`.
 */
export async function runAgent(options: RunAgentOptions): Promise<RunningAgent> {
  const { config, logger, env = {}, signal } = options
  await mkdir(config.home, { recursive: true, mode: 0o700 })
  const keyring = await openKeyring(config)
  const policy = await loadPolicy(config.policyFile)
  const applicationKeys = await openAgentApplicationKeys(config, keyring, { env, logger })
  const cards = await openAgentCards(config, { env, logger })
  const client = await createClient({
    home: join(config.home, 'client'),
    keyring,
    deployment: config.ledger.deployment,
    ...ledgerOf(config),
    policy,
    settings: settingsOf(config),
    pinnedRecipients: config.pinnedClients,
    cards,
    ...(applicationKeys === null ? {} : { applicationKeys }),
    logger,
  }).catch(async (error: unknown) => {
    await closeCards(cards)
    throw error
  })
  client.listen((event) => {
    if (event.type === 'card-lost') logger.warn(event, 'a card failed')
  })
  const spool = await LevelSpool.open(join(config.home, 'spool')).catch(async (error: unknown) => {
    await client.close()
    await closeCards(cards)
    throw error
  })
  const agent = new Agent({ client, policy, spool, logger }, config)
  const stop = async () => {
    await agent.stop()
    await client.close()
    await applicationKeys?.close()
    await closeCards(cards)
    await spool.close()
    keyring.dispose()
  }
  try {
    const clientId = await becomeAdmitted(client, { config, logger, signal })
    await agent.start()
    return { clientId, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

function settingsOf({ isMetered, ledger, cardPolicy }: AgentConfig) {
  return { isMetered, finalAfterMs: ledger.finalAfterMs, cardPolicy }
}

/** A ship with a thin link reads the ledger through the nodes it is connected to. */
function ledgerOf({ ledger, bootstrap }: AgentConfig) {
  if (ledger.rpcUrl === undefined) return { bootstrap }
  return { ledger: openLedger({ rpcUrl: ledger.rpcUrl, deployment: ledger.deployment }) }
}

/** The recovery key of a new keyring is shown once, in a file that the engineer takes ashore. */
async function openKeyring(config: AgentConfig): Promise<Keyring> {
  const file = join(config.home, 'keyring.json')
  const passphrase = (await readFile(config.passphraseFile, 'utf8')).split(/\r?\n/)[0] ?? ''
  if (existsSync(file)) return await FileKeyring.open({ file, passphrase })
  const recoveryFile = join(config.home, 'recovery.key')
  return await createFileKeyring({ file, passphrase, recoveryFile })
}

/** Registers the ship, however long the link takes, and waits for the steward. */
async function becomeAdmitted(
  client: OrlopClient,
  { config, logger, signal }: Pick<RunAgentOptions, 'config' | 'logger' | 'signal'>,
): Promise<number> {
  for (;;) {
    const state = await tryRegister(client, config, signal).catch((error: unknown) => {
      if (!isOrlopError(error) || !error.isRetryable || signal.aborted) throw error
      logger.warn({ code: error.code }, 'the ship is not registered yet; trying again')
      return 'pending' as const
    })
    if (state === 'admitted' && client.record !== null) return client.record.clientId
    if (state === 'suspended') {
      throw new OrlopError(
        'NOT_ADMITTED',
        `The ship ${config.ship.name} is suspended. Ask the fleet's steward why.`,
      )
    }
    await delay(REGISTER_PAUSE_MS, undefined, { signal })
  }
}

async function tryRegister(client: OrlopClient, { ship }: AgentConfig, signal: AbortSignal) {
  return (await client.register({ name: ship.name, imoNumber: ship.imoNumber }, { signal })).state
}
