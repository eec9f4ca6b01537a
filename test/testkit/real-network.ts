import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { SpoolItem } from '@orlop/agent/spool/spool'
import type { AgentStatus } from '@orlop/agent/status-file'
import { Devnet } from '@orlop/cli/devnet/devnet'
import { DEVNET_NODES, HomeLayout, MASTER_NAME, programFile } from '@orlop/cli/devnet/layout'
import { isRunning, type ProcessRecord } from '@orlop/cli/devnet/process-record'
import { type Network, readNetworkFile } from '@orlop/cli/network-file'
import { createClient, type CreateClientOptions } from '@orlop/client-sdk/create-client'
import type { OrlopClient } from '@orlop/client-sdk/client'
import { MemoryKeyring } from '@orlop/client-sdk/keyring/memory-keyring'
import type { Keyring } from '@orlop/client-sdk/keyring/keyring'
import { openLedger } from '@orlop/client-sdk/ledger/open-ledger'
import { makeCheapKeyring } from './cheap-keyring.ts'
import { Cli } from './cli.ts'
import { until } from './until.ts'

/** What opens the keyrings of the network's own parties. */
const PASSPHRASE = 'of the real network'

/** An SDK client in this process, on a network of real ones. */
export interface RealClient {
  readonly client: OrlopClient
  readonly keyring: Keyring
  readonly home: string
}

/** The development network as `orlop devnet up` leaves it: ledger, eight nodes and an agent, each a process of its own. */
export class RealNetwork {
  readonly home: string
  readonly cli: Cli
  readonly layout: HomeLayout
  readonly devnet: Devnet
  readonly #folders: string[] = []
  readonly #clients: OrlopClient[] = []
  #revivedExplorerUrl: string | null = null

  private constructor(home: string) {
    this.home = home
    this.cli = new Cli(home)
    this.layout = new HomeLayout(home)
    this.devnet = new Devnet(this.layout)
    this.#folders.push(home)
  }

  /** Brings one up, in a home folder of its own. */
  static async up(): Promise<RealNetwork> {
    const network = new RealNetwork(await shortFolder())
    const { layout } = network
    await mkdir(layout.devnet, { recursive: true })
    await writeFile(layout.passphraseFile, `${PASSPHRASE}\n`, { mode: 0o600 })
    await makeCheapKeyring(network.home, PASSPHRASE)
    await network.cli.json('devnet', 'up')
    return network
  }

  get network(): Network {
    return readNetworkFile(this.layout.networkFile)
  }

  /** Where the gateway serves now. */
  get explorerUrl(): string {
    const url = this.#revivedExplorerUrl ?? this.devnet.state()?.explorerUrl
    if (url === undefined || url === null) throw new Error('the gateway does not run')
    return url
  }

  async folder(): Promise<string> {
    const folder = await shortFolder()
    this.#folders.push(folder)
    return folder
  }

  /** The part of that name that runs now. */
  part(name: string): ProcessRecord {
    const found = this.devnet.running().find((part) => part.name === name)
    if (found === undefined) throw new Error(`${name} does not run`)
    return found
  }

  /** Ends a part as a power cut does. */
  async kill(name: string): Promise<void> {
    await killProcess(this.part(name))
  }

  /** Starts a node again that was killed. */
  async reviveNode(name: string): Promise<void> {
    const spec = DEVNET_NODES.find((node) => node.name === name)
    if (spec === undefined) throw new RangeError(`${name}: expected a node of the devnet`)
    const isMaster = name === MASTER_NAME
    await this.devnet.startPart({
      name,
      script: programFile('@orlop/node/main'),
      args: [
        ...['--home', this.layout.nodeHome(name), '--name', name, '--tier', spec.tier],
        ...['--region', spec.region, '--capacity', String(spec.capacityBytes)],
        ...['--rpc-url', this.network.rpcUrl],
        ...['--deployment', join(this.layout.ledgerHome, 'deployment.json')],
        ...['--finality-age-ms', String(this.network.finalAfterMs)],
        ...(isMaster ? ['--admit-clients', 'all', '--admit-nodes', 'all'] : []),
      ],
    })
  }

  /** Starts the agent again that was killed. */
  async reviveAgent(): Promise<void> {
    await this.devnet.startPart({
      name: 'agent',
      script: programFile('@orlop/agent/main'),
      args: ['--config', join(this.layout.agentHome, 'agent.json')],
    })
  }

  /** Starts the gateway again that was killed; at another port. */
  async reviveGateway(): Promise<void> {
    const { url } = await this.devnet.startPart<{ url: string }>({
      name: 'gateway',
      script: programFile('@orlop/gateway/main'),
      args: [
        ...['--home', this.layout.gatewayHome, '--rpc-url', this.network.rpcUrl, '--forward-rpc'],
        ...['--deployment', join(this.layout.ledgerHome, 'deployment.json')],
      ],
    })
    this.#revivedExplorerUrl = url
  }

  /** Starts what a test killed and did not start again. */
  async heal(): Promise<void> {
    const running = new Set(this.devnet.running().map(({ name }) => name))
    for (const { name } of DEVNET_NODES) if (!running.has(name)) await this.reviveNode(name)
    if (!running.has('agent')) await this.reviveAgent()
    if (!running.has('gateway')) await this.reviveGateway()
  }

  /** Puts a file into the ship's outgoing folder, under its name only when it is whole. @returns its path. */
  async giveToAgent(name: string, bytes: Uint8Array): Promise<string> {
    const path = join(this.layout.voyageFolder, name)
    const part = join(this.layout.devnet, `${name}.part`)
    await writeFile(part, bytes)
    await rename(part, path)
    return path
  }

  /** What the agent says of the files it took on. */
  async agentItems(): Promise<readonly SpoolItem[]> {
    const text = await readFile(join(this.layout.agentHome, 'status.json'), 'utf8')
    return (JSON.parse(text) as AgentStatus).recent
  }

  /** A client of its own in this process, registered and admitted by the master. */
  async client(options: Partial<CreateClientOptions> = {}): Promise<RealClient> {
    const { rpcUrl, deployment, finalAfterMs } = this.network
    const home = options.home ?? (await this.folder())
    const keyring = options.keyring ?? MemoryKeyring.create().keyring
    const client = await createClient({
      home,
      keyring,
      deployment,
      ledger: openLedger({ rpcUrl, deployment }),
      ...options,
      settings: { finalAfterMs, minRetryMs: 20, maxRetryMs: 200, ...options.settings },
    })
    this.#clients.push(client)
    await until('the client is admitted', async () => {
      const { state } = await client.register({ name: 'MV Real' })
      return state === 'admitted'
    })
    return { client, keyring, home }
  }

  /** Ends exactly this network and removes everything it kept. */
  async down(): Promise<void> {
    for (const client of this.#clients) await client.close()
    await this.devnet.down()
    for (const folder of this.#folders) await rm(folder, { recursive: true, force: true })
  }
}

/** SIGKILL, and wait until the process is gone. */
export async function killProcess(record: ProcessRecord): Promise<void> {
  process.kill(record.pid, 'SIGKILL')
  await until(`${record.name} is gone`, () => !isRunning(record))
}

/** Short, because a Unix socket's path may not be long. */
export function shortFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'oe-'))
}
