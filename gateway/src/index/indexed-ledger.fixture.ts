import {
  LedgerFixture,
  addressOfKey,
  testKey,
  type LedgerUnderTest,
} from '@orlop/contracts/chain-client.fixture'
import { MemoryChainClient } from '@orlop/contracts/memory-chain-client'
import { MemoryLedger } from '@orlop/contracts/memory-ledger'
import type { ApiEvent } from '@orlop/protocol/api/service'
import type { Logger } from '@orlop/protocol/logger'
import { ExplorerIndex } from './explorer-index.ts'
import { IN_MEMORY } from './index-file.ts'
import { LedgerFollower } from './ledger-follower.ts'

const ADMIN_KEY = testKey(11)
/** 2027-01-15 08:00 UTC. */
export const TEST_START_MS = 1_800_000_000_000
const STILL = { nowMs: () => TEST_START_MS, monotonicMs: () => 0 }

export interface IndexedLedgerOptions {
  path?: string
  logger?: Logger
}

/** A ledger in memory and an index that follows it. */
export class IndexedLedger {
  readonly ledger: MemoryLedger
  readonly on: LedgerFixture
  readonly events: ApiEvent[] = []
  index: ExplorerIndex
  follower: LedgerFollower
  readonly #options: IndexedLedgerOptions

  constructor(options: IndexedLedgerOptions = {}, ledger = freshLedger()) {
    this.#options = options
    this.ledger = ledger
    const underTest: LedgerUnderTest = {
      deployment: ledger.deployment,
      adminKey: ADMIN_KEY,
      connect: (key) => new MemoryChainClient(ledger, addressOfKey(key)),
      markLoss: () => Promise.reject(new Error('lose blocks by dropBlocks')),
    }
    this.on = new LedgerFixture(underTest)
    ;({ index: this.index, follower: this.follower } = this.#open())
  }

  /** For calls that no `ChainClient` has: the steward's, or those of the node with this key. */
  byHand(key: Uint8Array = ADMIN_KEY): MemoryChainClient {
    return new MemoryChainClient(this.ledger, addressOfKey(key))
  }

  /** Another process on the same file. */
  reopen(): void {
    this.index.close()
    ;({ index: this.index, follower: this.follower } = this.#open())
  }

  /** Records receipts of the client in one batch, by the node that the first of them names. */
  async record(
    ...changes: (Parameters<LedgerFixture['commit']>[0] & object)[]
  ): Promise<{ transactionHash: string }> {
    const [first] = changes
    const node = this.on.nodes[(first?.nodeId ?? 1) - 1] ?? this.on.nodes[0]
    return node.record(changes.map((change) => ({ commit: this.on.commit(change) })))
  }

  #open() {
    const { deployment } = this.ledger
    const { path = IN_MEMORY, logger } = this.#options
    const index = new ExplorerIndex({ path, deployment, ...(logger && { logger }) })
    index.subscribe((event) => this.events.push(event))
    const ledger = this.on.steward
    const parts = { ledger, index, clock: STILL, pollMs: 5 }
    const follower = new LedgerFollower({ ...parts, ...(logger && { logger }) })
    return { index, follower }
  }
}

export function freshLedger(chainId = 1337): MemoryLedger {
  return new MemoryLedger({ admin: addressOfKey(ADMIN_KEY), clock: STILL, chainId })
}
