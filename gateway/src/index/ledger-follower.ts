import { isOrlopError, throwIfAborted } from '@orlop/protocol/errors'
import type { LedgerHistory } from '@orlop/protocol/ledger-history'
import type { LedgerHead, LedgerPosition } from '@orlop/protocol/ledger-records'
import type { Startable } from '@orlop/protocol/lifecycle'
import { systemClock, type Clock } from '@orlop/protocol/clock'
import { silentLogger, type Logger } from '@orlop/protocol/logger'
import { setImmediate as otherTurns, setTimeout as pause } from 'node:timers/promises'
import { isDamage } from './index-file.ts'
import type { ExplorerIndex } from './explorer-index.ts'
import type { IndexStore } from './index-store.ts'
import type { LogSlice } from './index-writer.ts'
import { findCommonBlock } from './find-common-block.ts'

/** How the ledger answered when it was last asked. */
export type LedgerCondition = 'ok' | 'unreachable' | 'mismatch'

export interface LedgerFollowerOptions {
  ledger: LedgerHistory
  index: ExplorerIndex
  clock?: Clock
  logger?: Logger
  /** Between two looks at a ledger that has nothing new. */
  pollMs?: number
  /** Blocks of one step. */
  stepBlocks?: number
  /** Logs of one kind that are held before they are written. */
  sliceLogs?: number
}

/** A record is to be seen within 2 s of its block. */
const POLL_MS = 500
const FIRST_RETRY_MS = 500
const MAX_RETRY_MS = 10_000
const STEP_BLOCKS = 500
const SLICE_LOGS = 4_000
/** Nodes and clients are asked for no sooner than this many times what the last asking took. */
const STANDINGS_REST = 10
/** Stands for a block between the newest one in the index and the ledger's. */
const UNKNOWN_BLOCK = ''
/** Older than this they are replaced by ones that may not fit the newest block of the index. */
const MAX_STANDINGS_AGE_MS = 5_000

/** Copies the ledger's logs into an index, block after block, and takes back what the ledger loses. */
export class LedgerFollower implements Startable {
  readonly #ledger: LedgerHistory
  readonly #index: ExplorerIndex
  readonly #store: IndexStore
  readonly #clock: Clock
  readonly #logger: Logger
  readonly #pollMs: number
  readonly #stepBlocks: number
  readonly #sliceLogs: number
  #ending: AbortController | null = null
  #running: Promise<void> = Promise.resolve()
  #condition: { ledger: LedgerCondition; detail: string | null } = { ledger: 'ok', detail: null }
  #standingsMs = -Infinity
  #standingsDueMs = -Infinity
  #standingsAsOf: string | null = null

  constructor(options: LedgerFollowerOptions) {
    this.#ledger = options.ledger
    this.#index = options.index
    this.#store = options.index.store
    this.#clock = options.clock ?? systemClock
    this.#logger = options.logger ?? silentLogger
    this.#pollMs = options.pollMs ?? POLL_MS
    this.#stepBlocks = options.stepBlocks ?? STEP_BLOCKS
    this.#sliceLogs = options.sliceLogs ?? SLICE_LOGS
  }

  /** How the ledger answered last, with a sentence for people where it did not. */
  get condition(): { ledger: LedgerCondition; detail: string | null } {
    return this.#condition
  }

  /** Follows until stopped. Failures are logged, shown by {@link LedgerFollower.condition}, and tried again. */
  start(): Promise<void> {
    if (this.#ending === null) {
      this.#ending = new AbortController()
      this.#running = this.#follow(this.#ending.signal)
    }
    return Promise.resolve()
  }

  async stop(): Promise<void> {
    this.#ending?.abort()
    await this.#running
    this.#ending = null
  }

  /**
   * Goes on until the index has the newest block.
   *
   * @throws OrlopError `LEDGER_UNREACHABLE`, `LEDGER_MISMATCH`, `ABORTED`.
   */
  async catchUp(options: { signal?: AbortSignal } = {}): Promise<void> {
    while (!(await this.#step(options.signal))) {
      throwIfAborted(options.signal, 'Following the ledger')
      await otherTurns()
    }
  }

  async #follow(signal: AbortSignal): Promise<void> {
    let retryMs = FIRST_RETRY_MS
    while (!signal.aborted) {
      try {
        await this.catchUp({ signal })
        this.#condition = { ledger: 'ok', detail: null }
        retryMs = FIRST_RETRY_MS
        await rest(this.#pollMs, signal)
      } catch (error) {
        if (isOrlopError(error, 'ABORTED')) return
        this.#note(error)
        await rest(retryMs, signal)
        retryMs = Math.min(2 * retryMs, MAX_RETRY_MS)
      }
    }
  }

  #note(error: unknown): void {
    if (isDamage(error)) this.#index.isDamaged = true
    const [ledger, detail] = describe(error)
    // The causes of a ledger that is away may hold its address, with a password in it.
    const fields = isOrlopError(error) ? { ledger } : { ledger, err: error }
    if (detail !== this.#condition.detail) this.#logger.warn(fields, detail)
    this.#condition = { ledger, detail }
  }

  /** One step. @returns whether the index has the newest block. */
  async #step(signal: AbortSignal | undefined): Promise<boolean> {
    const options = signal === undefined ? {} : { signal }
    if (this.#index.rebuildIfDamaged()) this.#standingsAsOf = null
    const head = await this.#ledger.head(options)
    this.#store.head = head
    await this.#dropLostBlocks(options)
    const indexed = this.#store.indexed
    const fromBlock = indexed === null ? this.#ledger.deployment.fromBlock : indexed.blockNumber + 1
    if (fromBlock > head.blockNumber) {
      await this.#refreshStandings(head, options)
      return true
    }
    const toBlock = Math.min(head.blockNumber, fromBlock + this.#stepBlocks - 1)
    const isLast = toBlock === head.blockNumber
    const end = isLast ? head : await this.#ledger.block(toBlock, options)
    if (end === null || !(await this.#copy(fromBlock, end, options))) return false
    if (!isLast) return false
    try {
      // First, so that what is announced names its node and client.
      await this.#refreshStandings(head, options)
    } finally {
      this.#index.announceSince(fromBlock)
    }
    return true
  }

  /** @returns false when the ledger lost blocks meanwhile; nothing of the step stays then. */
  async #copy(
    fromBlock: number,
    end: LedgerHead,
    options: { signal?: AbortSignal },
  ): Promise<boolean> {
    const slice: LogSlice = {
      receipts: [],
      objectEvents: [],
      ratingEvents: [],
      registryEvents: [],
    }
    const filter = { fromBlock, toBlock: end.blockNumber }
    await this.#collect(this.#ledger.receipts(filter, options), slice, 'receipts')
    await this.#collect(this.#ledger.objectEvents(filter, options), slice, 'objectEvents')
    await this.#collect(this.#ledger.ratingEvents(filter, options), slice, 'ratingEvents')
    await this.#collect(this.#ledger.registryEvents(filter, options), slice, 'registryEvents')
    // The same block at the end means the same blocks before it: hashes chain.
    const again = await this.#ledger.block(end.blockNumber, options)
    if (again?.blockHash !== end.blockHash) {
      await this.#drop(fromBlock)
      return false
    }
    this.#store.finish(slice, end)
    return true
  }

  async #collect<K extends keyof LogSlice>(
    logs: AsyncIterable<LogSlice[K][number]>,
    slice: LogSlice,
    kind: K,
  ): Promise<void> {
    const kept: { position: LedgerPosition }[] = slice[kind]
    for await (const log of logs) {
      kept.push(log)
      if (kept.length < this.#sliceLogs) continue
      this.#store.add(slice)
      for (const each of Object.values(slice) as unknown[][]) each.length = 0
      await otherTurns()
    }
  }

  /** Rows of a step that never ended, and rows of blocks that the ledger does not have any more. */
  async #dropLostBlocks(options: { signal?: AbortSignal }): Promise<void> {
    const indexed = this.#store.indexed
    const next = indexed === null ? 0 : indexed.blockNumber + 1
    if (this.#store.hasLeftovers(next)) await this.#drop(next)
    if (indexed === null || indexed.blockHash === this.#store.head?.blockHash) return
    const common = await findCommonBlock(this.#store, this.#ledger, options)
    if (common?.blockNumber === indexed.blockNumber) return
    const lost = { from: indexed.blockNumber, keptTo: common?.blockNumber ?? null }
    this.#logger.warn(lost, 'the ledger lost blocks; their rows go too')
    await this.#drop(common === null ? 0 : common.blockNumber + 1)
    this.#index.announceRollback(common?.blockNumber ?? 0)
  }

  async #drop(fromBlock: number): Promise<void> {
    while (!this.#store.dropSome(fromBlock)) await otherTurns()
  }

  /** What nodes and clients are now is asked of the contract, not made of their events, when there is a new block. */
  async #refreshStandings(head: LedgerHead, options: { signal?: AbortSignal }): Promise<void> {
    const startMs = this.#clock.monotonicMs()
    const isTooSoon = this.#standingsAsOf !== null && startMs < this.#standingsDueMs
    if (isTooSoon || this.#standingsAsOf === head.blockHash) return
    const nodes = await this.#ledger.nodes(options)
    const clients = await this.#ledger.clients(options)
    const endMs = this.#clock.monotonicMs()
    // Read while blocks come, they may be newer than the ratings in the index and seem to contradict them.
    const isOfHead = (await this.#ledger.head(options)).blockHash === head.blockHash
    if (!isOfHead && endMs < this.#standingsMs + MAX_STANDINGS_AGE_MS) return
    const changed = this.#store.putStandings({ nodes, clients })
    this.#standingsMs = endMs
    this.#standingsDueMs = endMs + STANDINGS_REST * (endMs - startMs)
    this.#standingsAsOf = isOfHead ? head.blockHash : UNKNOWN_BLOCK
    this.#index.announceNodes(changed)
  }
}

function describe(error: unknown): [LedgerCondition, string] {
  if (isOrlopError(error, 'LEDGER_MISMATCH')) return ['mismatch', error.message]
  if (isOrlopError(error, 'LEDGER_UNREACHABLE')) return ['unreachable', error.message]
  return ['ok', 'The index could not be written. See the log of the gateway; it is tried again.']
}

/** Waits, or less when stopped. */
async function rest(ms: number, signal: AbortSignal): Promise<void> {
  await pause(ms, undefined, { signal }).catch(() => undefined)
}
