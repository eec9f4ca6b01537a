import { existsSync } from 'node:fs'
import { join } from 'node:path'
import {
  type ApplicationKeys,
  createClient,
  FileKeyring,
  isOrlopError,
  openLedger,
  type OrlopClient,
} from '@orlop/client-sdk/index'
import { openApplicationKeys } from './application-centre.ts'
import type { CliContext } from './context.ts'
import type { SealingCards } from './open-card.ts'
import { HomeLayout } from './devnet/layout.ts'
import { readNetworkFile } from './network-file.ts'
import { readPassphrase } from './passphrase.ts'

/** No command takes longer than this for what other commands left to be handed on. */
const TEND_LIMIT_MS = 3_000

/** Where a client home keeps its keys. */
export function keyringFile(clientHome: string): string {
  return join(clientHome, 'keyring.json')
}

export interface WithClientOptions {
  policyFile?: string
  /** Closed after the client, by who opened them. */
  cards?: SealingCards
}

/**
 * Opens the client of this home folder (its keyring, its network, the SDK), runs `work` with it, and closes it whatever happens.
 *
 * @throws OrlopError `CONFIG_INVALID` without a network, `KEYRING_NOT_FOUND`, `KEYRING_LOCKED`, `HOME_LOCKED`, and what `work` throws.
 */
export async function withClient<T>(
  context: CliContext,
  work: (client: OrlopClient) => Promise<T>,
  options: WithClientOptions = {},
): Promise<T> {
  const { policyFile, cards } = options
  const layout = new HomeLayout(context.home)
  const { rpcUrl, deployment, finalAfterMs } = readNetworkFile(layout.networkFile)
  const file = keyringFile(layout.clientHome)
  const keyring = await FileKeyring.open({
    file,
    passphrase: await passphraseOf(context, layout, file),
  })
  let applicationKeys: ApplicationKeys | null = null
  try {
    applicationKeys = await openApplicationKeys(layout.clientHome, keyring, context.env)
    const client = await createClient({
      home: layout.clientHome,
      keyring,
      deployment,
      ledger: openLedger({ rpcUrl, deployment }),
      settings: { finalAfterMs, ...cards?.settings },
      ...(policyFile === undefined ? {} : { policy: policyFile }),
      cards: cards?.cards ?? [],
      ...(applicationKeys === null ? {} : { applicationKeys }),
    })
    try {
      const result = await work(client)
      await tend(client, context.signal)
      return result
    } finally {
      await client.close()
    }
  } finally {
    await applicationKeys?.close()
    keyring.dispose()
  }
}

/** Hands on what waits, such as ratings of receipts that the ledger shows by now. What does not go out goes out next time. */
async function tend(client: OrlopClient, stop: AbortSignal): Promise<void> {
  const signal = AbortSignal.any([stop, AbortSignal.timeout(TEND_LIMIT_MS)])
  await client.tend({ signal }).catch((error: unknown) => {
    if (!isOrlopError(error)) throw error
  })
}

/** A development network keeps the passphrase of the keyrings it made; everybody else is asked. */
export function passphraseOf(
  context: CliContext,
  layout: HomeLayout,
  file: string,
): Promise<string> {
  const isGiven = context.passphraseFile !== null || context.passphrase !== null
  const isDevnet = !isGiven && existsSync(layout.passphraseFile)
  const asked = isDevnet ? { ...context, passphraseFile: layout.passphraseFile } : context
  return readPassphrase(asked, `Passphrase of ${file}: `)
}
