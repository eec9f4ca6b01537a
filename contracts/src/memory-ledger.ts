import { encodeUtf8, encodeHex } from '@orlop/crypto/bytes'
import { keccak256 } from '@orlop/crypto/hash'
import { systemClock, type Clock } from '@orlop/protocol/clock'
import type { Deployment } from '@orlop/protocol/deployment'
import { OrlopError } from '@orlop/protocol/errors'
import type { RatingEvent, RegistryEvent, Unplaced } from '@orlop/protocol/history-events'
import type { LedgerFilter } from '@orlop/protocol/ledger'
import type { LedgerHead, LedgerPosition } from '@orlop/protocol/ledger-records'
import { getAddress } from 'ethers'
import { isFinalBy, type FinalityPolicy } from './finality.ts'
import { CreditBook } from './memory/credit-book.ts'
import { ReceiptBook, type ObjectChange, type StoredReceipt } from './memory/receipt-book.ts'
import { RegistryBook, type Sending } from './memory/registry-book.ts'

/** What the contracts hold after some block. */
export interface MemoryBooks {
  registry: RegistryBook
  receipts: ReceiptBook
  credit: CreditBook
}

/** What a transaction leaves in its block for readers. */
export type MemoryLog =
  | { kind: 'receipt'; record: StoredReceipt }
  | { kind: 'object'; record: ObjectChange }
  | { kind: 'rating'; record: Unplaced<RatingEvent> }
  | { kind: 'registry'; record: Unplaced<RegistryEvent> }

/** A transaction: throws and leaves the books as they were, or changes them and says what it logs. */
export type MemoryTransaction<T> = (
  books: MemoryBooks,
  sending: Sending,
) => { result: T; logs: MemoryLog[] }

interface MemoryBlock extends LedgerHead {
  transaction: { run: MemoryTransaction<unknown>; sending: Sending; hash: string } | null
  logs: MemoryLog[]
}

export interface MemoryLedgerOptions {
  /** The account with the admin and the steward role. */
  admin: string
  chainId?: number
  clock?: Clock
  /** Default: a block is final at once. */
  finality?: Exclude<FinalityPolicy, { kind: 'tag' }>
}

const MEMORY_CHAIN_ID = 1337

/**
 * A ledger in memory with the rules of the contracts, for tests: as many {@link MemoryChainClient}s as there are accounts share it.
 * Every transaction is a block of its own.
 */
export class MemoryLedger {
  readonly deployment: Deployment
  readonly #admin: string
  readonly #clock: Clock
  readonly #finality: Exclude<FinalityPolicy, { kind: 'tag' }>
  readonly #blocks: MemoryBlock[] = []
  #books: MemoryBooks
  #blocksEverMade = 0
  #aheadMs = 0
  #isOut = false

  constructor(options: MemoryLedgerOptions) {
    this.#admin = getAddress(options.admin)
    this.#clock = options.clock ?? systemClock
    this.#finality = options.finality ?? { kind: 'depth', blocks: 0 }
    this.deployment = {
      chainId: options.chainId ?? MEMORY_CHAIN_ID,
      registry: '0x0000000000000000000000000000000000001001',
      receipts: '0x0000000000000000000000000000000000001002',
      credit: '0x0000000000000000000000000000000000001003',
      fromBlock: 0,
    }
    this.#books = this.#emptyBooks()
    this.mineBlocks(1)
  }

  /** From now on every call fails as if nobody answered, until called with false. */
  setOutage(isOut: boolean): void {
    this.#isOut = isOut
  }

  /** Loses the newest blocks with all they held, as a development chain that was killed does. The first block stays. */
  dropBlocks(count: number): void {
    const kept = Math.max(1, this.#blocks.length - count)
    this.#blocks.length = kept
    this.#books = this.#emptyBooks()
    for (const { transaction } of this.#blocks) {
      transaction?.run(this.#books, transaction.sending)
    }
  }

  /** Adds blocks without a transaction. */
  mineBlocks(count: number): void {
    for (let made = 0; made < count; made++) this.#append(null, [])
  }

  /** Lets the ledger's clock run ahead of the given one, by this much more. */
  advanceTime(ms: number): void {
    this.#aheadMs += ms
  }

  /** @internal The contracts' state. @throws OrlopError `LEDGER_UNREACHABLE` during an outage. */
  read(): MemoryBooks {
    this.#requireReachable()
    return this.#books
  }

  /** @internal Runs one transaction in a block of its own. @returns what it returned, and its hash. */
  submit<T>(sender: string, run: MemoryTransaction<T>): { result: T; transactionHash: string } {
    this.#requireReachable()
    const sending = { sender, blockTimeMs: this.#nextBlockTimeMs() }
    const { result, logs } = run(this.#books, sending)
    const hash = this.#freshHash('transaction')
    this.#append({ run, sending, hash }, logs)
    return { result, transactionHash: hash }
  }

  /** @internal */
  head(): LedgerHead {
    this.#requireReachable()
    const { blockNumber, blockHash, blockTimeMs } = this.#head()
    return { blockNumber, blockHash, blockTimeMs }
  }

  /** @internal */
  block(blockNumber: number): LedgerHead | null {
    this.#requireReachable()
    const block = this.#blocks[blockNumber]
    if (block === undefined) return null
    return { blockNumber, blockHash: block.blockHash, blockTimeMs: block.blockTimeMs }
  }

  /** @internal Where a transaction stands; null when there is none such. */
  inclusion(transactionHash: string): { blockNumber: number; isFinal: boolean } | null {
    this.#requireReachable()
    const block = this.#blocks.find(({ transaction }) => transaction?.hash === transactionHash)
    if (block === undefined) return null
    const { blockNumber, blockTimeMs } = block
    const headNumber = this.#head().blockNumber
    const facts = { blockNumber, blockTimeMs, headNumber, nowMs: this.#nowMs() }
    return { blockNumber, isFinal: isFinalBy(this.#finality, facts) }
  }

  /** @internal Logs of the blocks that a filter names, in ledger order. */
  *logs(filter: LedgerFilter): Iterable<MemoryLog & { position: LedgerPosition }> {
    this.#requireReachable()
    const { fromBlock = 0, toBlock = this.#head().blockNumber } = filter
    for (const block of this.#blocks.slice(fromBlock, toBlock + 1)) {
      const { blockNumber, blockHash, blockTimeMs, transaction } = block
      for (const [logIndex, log] of block.logs.entries()) {
        const transactionHash = transaction?.hash ?? ''
        const position = { blockNumber, blockHash, blockTimeMs, transactionHash, logIndex }
        yield structuredClone({ ...log, position })
      }
    }
  }

  #append(transaction: MemoryBlock['transaction'], logs: MemoryLog[]): void {
    this.#blocks.push({
      blockNumber: this.#blocks.length,
      blockHash: this.#freshHash('block'),
      blockTimeMs: transaction?.sending.blockTimeMs ?? this.#nextBlockTimeMs(),
      transaction,
      logs,
    })
  }

  #head(): MemoryBlock {
    const head = this.#blocks.at(-1)
    if (head === undefined) throw new TypeError('a memory ledger begins with its first block')
    return head
  }

  #nowMs(): number {
    return this.#clock.nowMs() + this.#aheadMs
  }

  /** Block times are whole seconds and never run back. */
  #nextBlockTimeMs(): number {
    const nowMs = Math.floor(this.#nowMs() / 1000) * 1000
    return Math.max(nowMs, this.#blocks.at(-1)?.blockTimeMs ?? 0)
  }

  /** Never the same again, so that a block made after a loss differs from the lost one. */
  #freshHash(kind: string): string {
    this.#blocksEverMade += 1
    return `0x${encodeHex(keccak256(encodeUtf8(`${kind} ${this.#blocksEverMade}`)))}`
  }

  #emptyBooks(): MemoryBooks {
    const registry = new RegistryBook(this.deployment, this.#admin)
    const receipts = new ReceiptBook(this.deployment, registry)
    return { registry, receipts, credit: new CreditBook(this.deployment, registry, receipts) }
  }

  #requireReachable(): void {
    if (!this.#isOut) return
    throw new OrlopError(
      'LEDGER_UNREACHABLE',
      'The memory ledger gives no answer (outage). Try again later.',
    )
  }
}
