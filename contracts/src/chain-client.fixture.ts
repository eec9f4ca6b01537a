import type { Deployment } from '@orlop/protocol/deployment'
import { isOrlopError } from '@orlop/protocol/errors'
import type { ChainClient, NodeProfile, RecordItem } from '@orlop/protocol/ledger'
import type { LedgerHistory } from '@orlop/protocol/ledger-history'
import { registerClientType, type RegisterClient } from '@orlop/protocol/messages/identity'
import {
  RATING_CAUSES,
  envelopeUpdateType,
  extendType,
  moveType,
  ratingType,
  removeType,
  type Move,
  type Rating,
} from '@orlop/protocol/messages/keeping'
import { ackType, commitType, type Commit } from '@orlop/protocol/messages/storing'
import { digestOf, signMessage } from '@orlop/protocol/typed-message'
import { computeAddress, hexlify } from 'ethers'

/** A ledger to test on, with contracts of its own: nobody is registered; `adminKey` is admin and steward. */
export interface LedgerUnderTest {
  deployment: Deployment
  adminKey: Uint8Array
  connect(privateKey: Uint8Array): ChainClient & LedgerHistory
  /** Remembers this moment; the returned function makes the ledger lose every block since. */
  markLoss(): Promise<() => Promise<void>>
}

/** Key number `number` of a test, 32 bytes. */
export function testKey(number: number): Uint8Array {
  return new Uint8Array(32).fill(number)
}

export function addressOfKey(privateKey: Uint8Array): string {
  return computeAddress(hexlify(privateKey))
}

export function testProfile(changes: Partial<NodeProfile> = {}): NodeProfile {
  return {
    name: 'A01',
    peerId: '12D3KooWJ2aQ1kqWkz8m2Q4yq4D7z8r2mYvT6a5qJm9G6b1uQ3rS',
    addresses: ['/ip4/127.0.0.1/tcp/4001'],
    tier: 'heavy',
    region: 'NOBGO',
    capacityBytes: 1_000_000_000,
    ...changes,
  }
}

const CLIENT_KEY = testKey(21)
const RECOVERY_KEY = testKey(22)
const NODE_KEYS = [testKey(31), testKey(32)] as const
const OBJECT_ID = testKey(0xaa)
/** 2100-01-01. */
const FAR_EXPIRY = 4_102_444_800

/** A ledger with two admitted nodes (1 and 2) and an admitted client (1), and what they sign. */
export class LedgerFixture {
  readonly ledger: LedgerUnderTest
  readonly steward: ChainClient & LedgerHistory
  readonly nodes: readonly [ChainClient, ChainClient]
  readonly clientKey = CLIENT_KEY
  readonly recoveryKey = RECOVERY_KEY
  readonly nodeKeys = NODE_KEYS
  readonly objectId = OBJECT_ID

  constructor(ledger: LedgerUnderTest) {
    this.ledger = ledger
    this.steward = ledger.connect(ledger.adminKey)
    this.nodes = [ledger.connect(NODE_KEYS[0]), ledger.connect(NODE_KEYS[1])]
  }

  get deployment(): Deployment {
    return this.ledger.deployment
  }

  /** Registers and admits the two nodes and the client. */
  async admitAll(): Promise<void> {
    for (const [place, node] of this.nodes.entries()) {
      const nodeId = await node.registerNode(testProfile({ name: `A0${place + 1}` }))
      await this.steward.admitNode(nodeId)
    }
    await this.steward.registerClient(this.registration())
  }

  registration(changes: Partial<RegisterClient> = {}, key = CLIENT_KEY) {
    const message = {
      signer: addressOfKey(CLIENT_KEY),
      recovery: addressOfKey(RECOVERY_KEY),
      openingKey: testKey(0x44),
      imoNumber: 9_074_729,
      name: 'MV Example',
      ...changes,
    }
    return signMessage(registerClientType, this.deployment, message, key)
  }

  commit(changes: Partial<Commit> = {}, key = CLIENT_KEY) {
    const message: Commit = {
      objectId: OBJECT_ID,
      headerHash: testKey(0xbb),
      root: testKey(0xcc),
      streamBytes: 123_456,
      expiry: FAR_EXPIRY,
      sequence: 0,
      clientId: 1,
      nodeId: 1,
      classCode: 4,
      index: 0,
      k: 1,
      m: 1,
      level: 2,
      flags: 1,
      ...changes,
    }
    return signMessage(commitType, this.deployment, message, key)
  }

  ack(
    commit: RecordItem['commit'],
    key: Uint8Array = NODE_KEYS[0],
    nodeId = commit.message.nodeId,
  ) {
    const commitHash = digestOf(commitType, this.deployment, commit.message)
    const message = { commitHash, nodeId, storedAtMs: 1_700_000_000_123 }
    return signMessage(ackType, this.deployment, message, key)
  }

  rating(changes: Partial<Rating> = {}, key = CLIENT_KEY) {
    const causeCode = RATING_CAUSES['stored-well']
    const message = { nodeId: 1, sequence: 0, clientId: 1, score: 5, causeCode, ...changes }
    return signMessage(ratingType, this.deployment, message, key)
  }

  extend(index: number, expiry: number, key = CLIENT_KEY) {
    const message = { objectId: OBJECT_ID, clientId: 1, index, expiry }
    return signMessage(extendType, this.deployment, message, key)
  }

  remove(index: number, key = CLIENT_KEY) {
    const message = { objectId: OBJECT_ID, clientId: 1, index }
    return signMessage(removeType, this.deployment, message, key)
  }

  move(changes: Partial<Move> = {}, key: Uint8Array = NODE_KEYS[1]) {
    const message = {
      objectId: OBJECT_ID,
      index: 0,
      fromNodeId: 1,
      fromSequence: 0,
      toNodeId: 2,
      toSequence: 7,
      ...changes,
    }
    return signMessage(moveType, this.deployment, message, key)
  }

  envelope(version: number, envelopeHash: Uint8Array, key = CLIENT_KEY) {
    const message = { objectId: OBJECT_ID, clientId: 1, version, envelopeHash }
    return signMessage(envelopeUpdateType, this.deployment, message, key)
  }
}

/** Everything an iterable gives. */
export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}

/** The name of the contract's error that a call was refused with; fails when it was not refused. */
export async function refusal(call: Promise<unknown>): Promise<unknown> {
  try {
    await call
  } catch (error) {
    if (isOrlopError(error, 'LEDGER_REJECTED')) return error.details['reason']
    throw error
  }
  throw new Error('expected a refusal, but the ledger took it')
}
