import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { createClient, FileKeyring, openLedger, type OrlopClient } from '@orlop/client-sdk/index'
import type { CliContext } from './context.ts'
import { HomeLayout } from './devnet/layout.ts'
import { readNetworkFile } from './network-file.ts'
import { readPassphrase } from './passphrase.ts'

/** Where a client home keeps its keys. */
export function keyringFile(clientHome: string): string {
  return join(clientHome, 'keyring.json')
}

export interface WithClientOptions {
  policyFile?: string
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
  const layout = new HomeLayout(context.home)
  const { rpcUrl, deployment, finalAfterMs } = readNetworkFile(layout.networkFile)
  const file = keyringFile(layout.clientHome)
  const keyring = await FileKeyring.open({
    file,
    passphrase: await passphraseOf(context, layout, file),
  })
  try {
    const client = await createClient({
      home: layout.clientHome,
      keyring,
      deployment,
      ledger: openLedger({ rpcUrl, deployment }),
      settings: { finalAfterMs },
      ...(options.policyFile === undefined ? {} : { policy: options.policyFile }),
    })
    try {
      return await work(client)
    } finally {
      await client.close()
    }
  } finally {
    keyring.dispose()
  }
}

/** A development network keeps the passphrase of the keyrings it made; everybody else is asked. */
function passphraseOf(context: CliContext, layout: HomeLayout, file: string): Promise<string> {
  const isGiven = context.passphraseFile !== null || context.passphrase !== null
  const isDevnet = !isGiven && existsSync(layout.passphraseFile)
  const asked = isDevnet ? { ...context, passphraseFile: layout.passphraseFile } : context
  return readPassphrase(asked, `Passphrase of ${file}: `)
}
