import { readFile } from 'node:fs/promises'
import { EthersChainClient } from '@orlop/contracts/ethers-chain-client'
import type { FinalityPolicy } from '@orlop/contracts/finality'
import { type Deployment, deploymentSchema } from '@orlop/protocol/deployment'
import { OrlopError } from '@orlop/protocol/errors'
import type { Logger } from '@orlop/protocol/logger'
import { createLibp2pTransport } from '@orlop/transport/libp2p-transport'
import { type AdminServer, startAdminServer } from './admin/admin-server.ts'
import { createNode, type StorageNode } from './create-node.ts'
import { openNodeKeys } from './node-keys.ts'
import { PrometheusMetrics } from './observability/prometheus.ts'
import type { NodeOptions } from './options.ts'

const SOFTWARE = 'orlop-node/0.1.0'

export interface RunNodeOptions {
  node: NodeOptions
  /** Multiaddrs to listen at. */
  listen: readonly string[]
  /** Multiaddrs others reach the node at, when they are others. */
  announce?: readonly string[]
  /** http(s) address of the ledger's JSON-RPC. */
  rpcUrl: string
  deployment: Deployment
  /** When a block counts as one the ledger cannot lose. Default: at once. */
  finality?: FinalityPolicy
  /** Port of `/metrics` and `/health` on this machine; 0 for any free one. */
  metricsPort: number
  logger: Logger
}

/** A node process that serves. */
export interface RunningNodeProcess {
  readonly node: StorageNode
  readonly metricsPort: number
  /** Ends in good order: what was acknowledged is durable. */
  stop(): Promise<void>
}

/**
 * Runs a storage node on this machine: keys from its home, libp2p, the ledger over JSON-RPC, metrics on loopback. Resolves when it
 * is registered and serves.
 *
 * @throws OrlopError `CONFIG_INVALID`, `HOME_LOCKED`, `LEDGER_MISMATCH`, `LEDGER_REJECTED`.
 */
export async function runNode(options: RunNodeOptions): Promise<RunningNodeProcess> {
  const { logger, rpcUrl, deployment, finality, listen, announce } = options
  const { ledgerKey, peerSeed } = await openNodeKeys(options.node.home)
  const metrics = new PrometheusMetrics()
  const chain = new EthersChainClient({
    rpcUrl,
    deployment,
    privateKey: ledgerKey,
    ...(finality === undefined ? {} : { finality }),
  })
  const node = createNode(
    {
      chain,
      ledgerKey,
      logger,
      meter: metrics,
      storageMetrics: metrics,
      createTransport: (parts) =>
        createLibp2pTransport({
          ...parts,
          peerSeed,
          listen,
          software: SOFTWARE,
          ...(announce === undefined ? {} : { announce }),
        }),
    },
    options.node,
  )
  metrics.watch(node)
  await node.start()
  const admin = await startAdmin(node, metrics, options.metricsPort)
  return {
    node,
    metricsPort: admin.port,
    stop: async () => {
      await admin.stop()
      await node.stop()
    },
  }
}

/** Reads the file that says which ledger is meant. @throws OrlopError `CONFIG_INVALID`. */
export async function readDeployment(path: string): Promise<Deployment> {
  try {
    return deploymentSchema.parse(JSON.parse(await readFile(path, 'utf8')))
  } catch (cause) {
    throw new OrlopError(
      'CONFIG_INVALID',
      `${path} is no deployment file. It is written when the contracts are deployed: chainId, registry, receipts, credit, fromBlock.`,
      { cause },
    )
  }
}

async function startAdmin(
  node: StorageNode,
  metrics: PrometheusMetrics,
  port: number,
): Promise<AdminServer> {
  const parts = {
    metrics: async () => ({ text: await metrics.text(), contentType: metrics.contentType }),
    health: () => node.health(),
  }
  try {
    return await startAdminServer(parts, port)
  } catch (error) {
    await node.stop()
    throw error
  }
}
