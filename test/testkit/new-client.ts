import { join } from 'node:path'
import { makeCheapKeyring } from './cheap-keyring.ts'
import { Cli } from './cli.ts'
import type { RealNetwork } from './real-network.ts'
import { until } from './until.ts'

/** What `orlop init` needs to find a network. */
export function toNetwork(network: RealNetwork): string[] {
  const deployment = join(network.layout.ledgerHome, 'deployment.json')
  return ['--rpc-url', network.network.rpcUrl, '--deployment', deployment]
}

/** A client in a home of its own that the steward has admitted. */
export async function newClient(network: RealNetwork, name: string): Promise<Cli> {
  const passphrase = `of ${name}`
  const client = new Cli(await network.folder(), { env: { ORLOP_PASSPHRASE: passphrase } })
  await makeCheapKeyring(client.home, passphrase)
  await client.json('init', '--name', name, ...toNetwork(network))
  await until('the steward has admitted it', async () => {
    return (await client.json<{ state: string }>('whoami')).state === 'admitted'
  })
  return client
}
