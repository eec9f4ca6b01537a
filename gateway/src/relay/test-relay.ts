import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { NodeRecord } from '@orlop/protocol/ledger-records'
import type { Transport } from '@orlop/transport/transport'
import { type AttachedRelay, attachRelay, type RelayOptions } from './attach-relay.ts'

/** What the registry says of a node that runs in a test. */
export function recordOf(node: Pick<Transport, 'peerId' | 'addresses'>): NodeRecord {
  const { peerId, addresses } = node
  return {
    nodeId: 7,
    account: '0x0000000000000000000000000000000000000007',
    name: 'node',
    peerId,
    addresses,
    tier: 'heavy',
    region: '',
    capacityBytes: 1,
    freeBytes: 1,
    lastSeenMs: 0,
    state: 'admitted',
    isMaster: false,
    creditMillionths: 1_000_000,
    ratings: 0,
  }
}

export interface TestRelay {
  readonly relay: AttachedRelay
  readonly server: Server
  readonly url: string
  /** What the registry holds; tests add to it. */
  readonly nodes: NodeRecord[]
  stop(): Promise<void>
}

/** A relay on an HTTP server of its own, which serves nothing else. */
export async function startTestRelay(options: Partial<RelayOptions> = {}): Promise<TestRelay> {
  const nodes: NodeRecord[] = []
  const server = createServer()
  const relay = attachRelay(server, {
    readNodes: () => Promise.resolve(nodes),
    ...options,
    limits: { registryFreshMs: 0, ...options.limits },
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    relay,
    server,
    nodes,
    url: `http://127.0.0.1:${port}/`,
    stop: async () => {
      await relay.stop()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
