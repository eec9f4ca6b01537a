import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient, type CreateClientOptions } from '@orlop/client-sdk/create-client'
import type { OrlopClient } from '@orlop/client-sdk/client'
import type { Keyring } from '@orlop/client-sdk/keyring/keyring'
import { MemoryKeyring } from '@orlop/client-sdk/keyring/memory-keyring'
import type { LedgerReader } from '@orlop/protocol/ledger'
import { MemoryChainClient } from '@orlop/contracts/memory-chain-client'
import { Fleet, type NodeSettings } from '@orlop/node/testkit/fleet'
import { createMemoryTransport } from '@orlop/transport/memory-transport'
import type { Transport } from '@orlop/transport/transport'

/** Fast pauses: what tests wait for are events, never these. */
export const TEST_SETTINGS = {
  minRetryMs: 1,
  maxRetryMs: 5,
  pollMs: 2,
  registryMaxAgeMs: 0,
  finalAfterMs: 60_000,
  callTimeoutMs: 10_000,
} as const

export interface SdkClientOptions extends Partial<CreateClientOptions> {
  /** Reads the ledger through nodes instead of directly. */
  readonly relayed?: boolean
}

/** A client under test and what it runs on, so that it can be closed and started again on the same home. */
export interface SdkClient {
  readonly client: OrlopClient
  readonly keyring: Keyring
  readonly recoverySecretKey: Uint8Array
  readonly home: string
  readonly transport: Transport
}

/** Real nodes in one process over a memory network and a memory ledger, and SDK clients beside them. */
export class SdkFleet {
  readonly fleet = new Fleet()
  readonly #folders: string[] = []
  readonly #clients = new Set<OrlopClient>()

  get network() {
    return this.fleet.network
  }

  /** Starts admitted heavy nodes by name. */
  async startNodes(names: readonly string[], settings: NodeSettings = {}): Promise<void> {
    for (const name of names) await this.fleet.startNode(name, settings)
  }

  async folder(): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), 'orlop-sdk-fleet-'))
    this.#folders.push(folder)
    return folder
  }

  reader(): LedgerReader {
    return new MemoryChainClient(this.fleet.ledger, this.fleet.admin.account)
  }

  /** A client that is registered and admitted. */
  async client(options: SdkClientOptions = {}): Promise<SdkClient> {
    const made = await this.guest(options)
    const record = await made.client.register({ name: 'MV Test' })
    await this.fleet.admin.admitClient(record.clientId, 0)
    return made
  }

  /** A client that the ledger may not know; started again where home and keyring are given. */
  async guest(
    options: SdkClientOptions & { readonly recoverySecretKey?: Uint8Array } = {},
  ): Promise<SdkClient> {
    const home = options.home ?? (await this.folder())
    const created = MemoryKeyring.create()
    const keyring = options.keyring ?? created.keyring
    const { promise: made, resolve } = Promise.withResolvers<Transport>()
    const nodes = await this.fleet.admin.nodes()
    const client = await createClient({
      home,
      keyring,
      deployment: this.fleet.ledger.deployment,
      ...(options.relayed === true ? {} : { ledger: this.reader() }),
      bootstrap: nodes.map(({ peerId, addresses }) => ({ peerId, addresses })),
      ...options,
      transport: async (identity) => {
        const transport = await (options.transport?.(identity) ??
          createMemoryTransport({ ...identity, network: this.network }))
        resolve(transport)
        return transport
      },
      settings: { ...TEST_SETTINGS, ...options.settings },
    })
    this.#clients.add(client)
    const transport = await made
    const recoverySecretKey = options.recoverySecretKey ?? created.recoverySecretKey
    return { client, keyring, recoverySecretKey, home, transport }
  }

  /** Ends a client and starts it again on the same home with the same keys. */
  async restart(former: SdkClient, options: SdkClientOptions = {}): Promise<SdkClient> {
    await former.client.close()
    this.#clients.delete(former.client)
    const { home, keyring, recoverySecretKey } = former
    return this.guest({ home, keyring, recoverySecretKey, ...options })
  }

  async close(): Promise<void> {
    for (const client of this.#clients) await client.close()
    await this.fleet.close()
    for (const folder of this.#folders) await rm(folder, { recursive: true, force: true })
  }
}

/** Reads a stream into memory. */
export async function readAll(stream: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  return Buffer.concat(await Array.fromAsync(stream))
}

/** Bytes that look random and are the same in every run. */
export function sampleBytes(lengthBytes: number, seed = 1): Uint8Array {
  const bytes = new Uint8Array(lengthBytes)
  let state = seed >>> 0
  for (let at = 0; at < lengthBytes; at++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    bytes[at] = state >>> 24
  }
  return bytes
}
