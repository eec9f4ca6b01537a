import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MemoryChainClient } from '@orlop/contracts/memory-chain-client'
import { MemoryLedger } from '@orlop/contracts/memory-ledger'
import { MemoryNetwork } from '@orlop/transport/memory-network'
import { createMemoryTransport } from '@orlop/transport/memory-transport'
import type { TransportLimits } from '@orlop/transport/transport-limits'
import { createNode, type StorageNode } from '../create-node.ts'
import type { NodeDependencies } from '../node-dependencies.ts'
import type { NodeOptions } from '../options.ts'
import { ScriptedClient } from './scripted-client.ts'
import { accountOf, keyOf } from './test-keys.ts'

export interface FleetNode {
  readonly node: StorageNode
  readonly home: string
  readonly chain: MemoryChainClient
}

export interface NodeSettings {
  options?: Partial<NodeOptions>
  dependencies?: Partial<NodeDependencies>
  limits?: Partial<TransportLimits>
}

/** Several real nodes in one process, over a memory network and a memory ledger, each with its own folder on disk. */
export class Fleet {
  readonly network = new MemoryNetwork()
  readonly ledger = new MemoryLedger({ admin: accountOf('A01') })
  readonly #folders: string[] = []
  readonly #nodes = new Map<string, FleetNode>()
  readonly #clients: ScriptedClient[] = []

  /** The admin's own chain client. */
  readonly admin = new MemoryChainClient(this.ledger, accountOf('A01'))

  /** Makes and starts a node; the ledger admits it. Called again under the same name, it starts that node anew. */
  async startNode(name: string, settings: NodeSettings = {}): Promise<FleetNode> {
    const home = this.#nodes.get(name)?.home ?? (await this.#folder())
    const fleetNode = this.createNode(name, home, settings)
    this.#nodes.set(name, fleetNode)
    await fleetNode.node.start()
    const record = await this.admin.node(fleetNode.node.nodeId)
    if (record?.state === 'pending') await this.admin.admitNode(record.nodeId)
    return fleetNode
  }

  /** A node that is not started. */
  createNode(name: string, home: string, settings: NodeSettings = {}): FleetNode {
    const chain = new MemoryChainClient(this.ledger, accountOf(name))
    const { network } = this
    const node = createNode(
      {
        chain,
        ledgerKey: keyOf(`${name} ledger`),
        createTransport: (parts) =>
          createMemoryTransport({
            ...parts,
            network,
            peerSeed: keyOf(`${name} peer`),
            listen: true,
            ...(settings.limits === undefined ? {} : { limits: settings.limits }),
          }),
        ...settings.dependencies,
      },
      {
        home,
        name,
        tier: 'heavy',
        capacityBytes: 64 * 1024 * 1024,
        reserveDiskBytes: 0,
        offerWindowMs: 1,
        registryFreshMs: 0,
        receiptMaxAgeMs: 10,
        spreadRetryMs: 5,
        spreadRetryCeilingMs: 50,
        ...settings.options,
      },
    )
    return { node, home, chain }
  }

  async stopNode(name: string): Promise<void> {
    await this.#nodes.get(name)?.node.stop()
  }

  /** A client on the ledger, admitted unless said otherwise. */
  async client(name: string, settings: { admitted?: boolean } = {}): Promise<ScriptedClient> {
    const client = await ScriptedClient.create({ name, fleet: this })
    this.#clients.push(client)
    await client.register()
    if (settings.admitted !== false) await this.admin.admitClient(client.clientId, 0)
    return client
  }

  async close(): Promise<void> {
    for (const client of this.#clients) await client.stop()
    for (const { node } of this.#nodes.values()) await node.stop()
    for (const folder of this.#folders) await rm(folder, { recursive: true, force: true })
  }

  async #folder(): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), 'orlop-fleet-'))
    this.#folders.push(folder)
    return folder
  }
}
