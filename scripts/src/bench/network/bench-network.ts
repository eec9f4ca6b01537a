import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Devnet } from '@orlop/cli/devnet/devnet'
import type { DevnetState } from '@orlop/cli/devnet/devnet-state'
import { HomeLayout } from '@orlop/cli/devnet/layout'
import { addressOfSecretKey } from '@orlop/client-sdk/keyring/key-set'
import { EthersLedgerReader } from '@orlop/contracts/ethers-ledger-reader'
import { encodeHex, randomBytes } from '@orlop/crypto/bytes'
import { generateSecretKey } from '@orlop/crypto/sign'
import { measureProcess } from '../measure-process.ts'
import type { ClientJob, ClientSetup, ClientTask, ClientWork } from './client-job.ts'

const CHILD = fileURLToPath(new URL('child/main.ts', import.meta.url))
const SEED_BYTES = 32

export interface TaskOptions {
  readonly signal: AbortSignal
  /** As {@link ClientSetup.detours}. */
  readonly detours?: Readonly<Record<string, number>>
}

/** A ledger and eight nodes, each a process of its own, and one registered client whose every task is a process of its own too. */
export class BenchNetwork {
  readonly #home: string
  readonly #devnet: Devnet
  readonly #setup: ClientSetup
  #taskNumber = 0

  private constructor(home: string, devnet: Devnet, setup: ClientSetup) {
    this.#home = home
    this.#devnet = devnet
    this.#setup = setup
  }

  static async start(
    parentFolder: string,
    progress: (line: string) => void,
  ): Promise<BenchNetwork> {
    const home = await mkdtemp(join(parentFolder, 'orlop-bench-home-'))
    const layout = new HomeLayout(home)
    const devnet = new Devnet(layout)
    try {
      progress('starting a ledger and eight nodes')
      const network = new BenchNetwork(home, devnet, setupOf(layout, await devnet.up(progress)))
      await network.run({ do: 'register' }, { signal: AbortSignal.timeout(60_000) })
      return network
    } catch (error) {
      await devnet.down()
      await rm(home, { recursive: true, force: true })
      throw error
    }
  }

  /** TCP ports of the nodes, as the ledger has them. */
  async nodePorts(): Promise<number[]> {
    const nodes = await new EthersLedgerReader(this.#setup).nodes()
    return nodes.flatMap(({ addresses }) =>
      addresses.flatMap((address) => /\/tcp\/(\d+)/.exec(address)?.slice(1).map(Number) ?? []),
    )
  }

  /** Lets a client process do one thing. */
  async run(task: ClientTask, { signal, detours = {} }: TaskOptions): Promise<ClientWork> {
    const jobFile = join(this.#home, `task-${++this.#taskNumber}.json`)
    const job: ClientJob = { setup: { ...this.#setup, detours }, task }
    await writeFile(jobFile, JSON.stringify(job))
    const args = [...process.execArgv, CHILD, jobFile]
    const { output } = await measureProcess({ file: process.execPath, args }, signal)
    return JSON.parse(output) as ClientWork
  }

  /** Ends all processes of the network and removes what they kept. */
  async stop(): Promise<void> {
    await this.#devnet.down()
    await rm(this.#home, { recursive: true, force: true })
  }
}

function setupOf(layout: HomeLayout, { rpcUrl, deployment }: DevnetState): ClientSetup {
  if (rpcUrl === null || deployment === null) {
    throw new RangeError('devnet state: expected a ledger once it is up')
  }
  return {
    home: layout.clientHome,
    seed: encodeHex(randomBytes(SEED_BYTES)),
    recoveryAddress: addressOfSecretKey(generateSecretKey()),
    rpcUrl,
    deployment,
    detours: {},
  }
}
