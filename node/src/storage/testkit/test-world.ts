import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ethereumAddress, formatAddress, publicKey } from '@orlop/crypto/sign'
import { MemoryChainClient } from '@orlop/contracts/memory-chain-client'
import { MemoryLedger } from '@orlop/contracts/memory-ledger'
import { registerClientType } from '@orlop/protocol/messages/identity'
import {
  type Commit,
  type SignedCommit,
  type SignedOffer,
  ackType,
  commitType,
} from '@orlop/protocol/messages/storing'
import { digestOf, signMessage } from '@orlop/protocol/typed-message'
import type { PartyFacts } from '../../reservations/decide.ts'
import { sample } from '../blob-store.conformance.ts'
import type { NodeStorage, StripKey } from '../interfaces.ts'
import {
  type NodeStorageDependencies,
  type NodeStorageOptions,
  openNodeStorage,
} from '../open-node-storage.ts'
import type { StripRecord } from '../records.ts'
import { ManualTime } from './manual-time.ts'

const secretKey = (fill: number) => new Uint8Array(32).fill(fill)
const addressOf = (fill: number) => formatAddress(ethereumAddress(publicKey(secretKey(fill))))

const ADMIN = 1
const NODE = 2
const CLIENT = 3
const DAY_S = 86_400

export const TEST_PARTIES: PartyFacts = {
  clientState: 'admitted',
  clientMinimumImportance: 0,
  nodeState: 'admitted',
  nodeTier: 'heavy',
  importance: null,
}

/** A node's storage on a temporary home, with a ledger in memory on which node 1 and client 1 are admitted. */
export class TestWorld {
  readonly time = new ManualTime()
  readonly home: string
  readonly ledger: MemoryLedger
  readonly chain: MemoryChainClient
  /** Blocks that hold the registrations. */
  baseBlocks = 0

  private constructor(home: string, finalBlocks: number) {
    this.home = home
    this.ledger = new MemoryLedger({
      admin: addressOf(ADMIN),
      clock: this.time,
      finality: { kind: 'depth', blocks: finalBlocks },
    })
    this.chain = new MemoryChainClient(this.ledger, addressOf(NODE))
  }

  /** @param finalBlocks - blocks on top of one that make it final. */
  static async create(finalBlocks = 3): Promise<TestWorld> {
    return TestWorld.at(await mkdtemp(join(tmpdir(), 'orlop-node-')), finalBlocks)
  }

  /** The same on a home that exists, with a fresh ledger. */
  static async at(home: string, finalBlocks = 3): Promise<TestWorld> {
    const world = new TestWorld(home, finalBlocks)
    await world.register()
    world.baseBlocks = (await world.chain.head()).blockNumber
    return world
  }

  /** Puts node 1 and client 1 on the ledger and admits them. */
  async register(): Promise<void> {
    const admin = new MemoryChainClient(this.ledger, addressOf(ADMIN))
    await admin.admitNode(await this.registerNode())
    await admin.admitClient(await this.registerClient(), 0)
  }

  registerNode(): Promise<number> {
    return this.chain.registerNode({
      name: 'A01',
      peerId: '12D3KooWBhV9dp6FDvZKPHYCQyLKcYHUjnYJzQQmNqTmPCD6Z8Cz',
      addresses: [],
      tier: 'heavy',
      region: 'eu',
      capacityBytes: 1e9,
    })
  }

  signedRegistration() {
    const message = {
      signer: addressOf(CLIENT),
      recovery: addressOf(9),
      openingKey: new Uint8Array(32).fill(5),
      imoNumber: 0,
      name: 'test',
    }
    return signMessage(registerClientType, this.ledger.deployment, message, secretKey(CLIENT))
  }

  registerClient(): Promise<number> {
    return this.chain.registerClient(this.signedRegistration())
  }

  open(
    options: Partial<NodeStorageOptions> = {},
    parts: Partial<NodeStorageDependencies> = {},
  ): Promise<NodeStorage> {
    return openNodeStorage(
      {
        nodeId: 1,
        ledger: this.chain,
        clock: this.time,
        timers: this.time,
        random: () => 0,
        ...parts,
      },
      { home: this.home, capacityBytes: 1e9, reserveDiskBytes: 0, ...options },
    )
  }

  /** Thirty days from now. */
  expirySeconds(): number {
    return Math.floor(this.time.nowMs() / 1000) + 30 * DAY_S
  }

  offer(fill: number, change: Partial<SignedOffer['message']> = {}): SignedOffer {
    const message = {
      objectId: objectIdOf(fill),
      clientId: 1,
      nodeId: 1,
      requestTimeMs: this.time.nowMs(),
      maxBytes: 10_000,
      k: 1,
      m: 1,
      classCode: 0,
      expiry: this.expirySeconds(),
      proposedNodeIds: [2],
      ...change,
    }
    return { message, signature: new Uint8Array(64) }
  }

  signCommit(key: StripKey, change: Partial<Commit>): SignedCommit {
    const message = {
      ...key,
      headerHash: new Uint8Array(32).fill(4),
      root: new Uint8Array(32),
      streamBytes: 0,
      expiry: this.expirySeconds(),
      sequence: 0,
      nodeId: 1,
      classCode: 0,
      k: 1,
      m: 1,
      level: 1,
      flags: 0,
      ...change,
    }
    return signMessage(commitType, this.ledger.deployment, message, secretKey(CLIENT))
  }

  signAck(commit: SignedCommit) {
    const commitHash = digestOf(commitType, this.ledger.deployment, commit.message)
    return (storedAtMs: number) => {
      const message = { commitHash, nodeId: 1, storedAtMs }
      return signMessage(ackType, this.ledger.deployment, message, secretKey(NODE))
    }
  }

  /** Reserves, sends and commits strip 0 of object `fill`. */
  async store(storage: NodeStorage, fill: number, lengthBytes = 100): Promise<StripRecord> {
    const outcome = await storage.reservations.reserve({
      offer: this.offer(fill, { maxBytes: lengthBytes }),
      index: 0,
      parties: TEST_PARTIES,
    })
    if (!outcome.accepted) throw new Error(`refused: ${outcome.reason}`)
    const commit = await this.send(storage, fill, lengthBytes)
    return storage.strips.keep(commit, this.signAck(commit))
  }

  /** Sends strip 0 of object `fill`, which is reserved, and signs its commit. */
  async send(storage: NodeStorage, fill: number, lengthBytes: number): Promise<SignedCommit> {
    const key = keyFor(fill)
    const staging = await storage.strips.stage(key)
    await staging.append(sample(lengthBytes, fill).subarray(staging.receivedBytes))
    const { root, stripBytes } = await staging.seal()
    await staging.close()
    const sequence = (await storage.reservations.find(key))?.sequence ?? 0
    return this.signCommit(key, { root, streamBytes: stripBytes, sequence })
  }

  async destroy(): Promise<void> {
    await rm(this.home, { recursive: true })
  }
}

/** Strip 0 of object `fill` of client 1. */
export function keyFor(fill: number, index = 0): StripKey {
  return { objectId: objectIdOf(fill), clientId: 1, index }
}

/** Object numbers below 2²⁴ have different names. */
function objectIdOf(fill: number): Uint8Array {
  const objectId = new Uint8Array(32).fill(fill)
  objectId.set([fill >> 8, fill >> 16], 1)
  return objectId
}
