import type { Clock } from '@orlop/protocol/clock'
import type { ChainClient, RecordResult } from '@orlop/protocol/ledger'
import { MAX_BATCH_RECEIPTS } from '@orlop/protocol/limits'
import type { Logger } from '@orlop/protocol/logger'
import type { ReceiptOutbox, StorageMetrics } from '../storage/interfaces.ts'
import type { OutboxRecord } from '../storage/records.ts'
import { LedgerLoop } from './ledger-loop.ts'
import { Listeners } from './listeners.ts'
import type { OutboxEvent } from './outbox-event.ts'
import type { ReceiptEntries } from './receipt-entries.ts'
import type { Timers } from './timers.ts'

export interface ReceiptOutboxOptions {
  /** Receipts that are sent without waiting for more; default 100. */
  batchReceipts?: number
  /** Most receipts in one transaction; default and bound `MAX_BATCH_RECEIPTS`. */
  maxBatchReceipts?: number
  /** How long a receipt waits for others; default 2 s. */
  maxAgeMs?: number
  /** How often sent receipts are looked after until they are final; default 5 s. */
  followMs?: number
  /** First and longest delay while the ledger does not answer; default 1 s and 60 s. */
  backoff?: { startMs: number; ceilingMs: number }
  /** When a refusal that can pass (an admission, say) is tried again; default 60 s. */
  rejectedRetryMs?: number
}

export type OutboxLedger = Pick<ChainClient, 'record' | 'inclusion' | 'isRecorded' | 'receipts'>

export interface ReceiptOutboxDependencies {
  nodeId: number
  ledger: OutboxLedger
  entries: ReceiptEntries
  clock: Clock
  timers: Timers
  random: () => number
  logger: Logger
  metrics: StorageMetrics
}

const DEFAULTS = {
  batchReceipts: 100,
  maxBatchReceipts: MAX_BATCH_RECEIPTS,
  maxAgeMs: 2_000,
  followMs: 5_000,
  backoff: { startMs: 1_000, ceilingMs: 60_000 },
  rejectedRetryMs: 60_000,
}

/** Refusals that end by themselves, or when the ledger has got back what it lost. */
const PASSING = new Set(['UnknownNode', 'NodeNotAdmitted', 'UnknownClient', 'ClientNotAdmitted'])

/**
 * Puts receipts on the ledger and stays with each until the ledger cannot lose it: waiting, sent, final; back to waiting when
 * a transaction vanished; rejected when the contract left it out. Sending twice does no harm: the contract skips what it has.
 */
export class LevelReceiptOutbox implements ReceiptOutbox {
  readonly #parts: ReceiptOutboxDependencies
  readonly #options: typeof DEFAULTS
  readonly #listeners = new Listeners<OutboxEvent>()
  readonly #loop: LedgerLoop
  /** Receipts that wait for others, as the last step left it and {@link add} found since. */
  #due = 0

  constructor(parts: ReceiptOutboxDependencies, options: ReceiptOutboxOptions = {}) {
    this.#parts = parts
    this.#options = { ...DEFAULTS, ...options }
    if (this.#options.maxBatchReceipts > MAX_BATCH_RECEIPTS) {
      throw new RangeError(
        `maxBatchReceipts: expected at most ${String(MAX_BATCH_RECEIPTS)}, got ${String(this.#options.maxBatchReceipts)}`,
      )
    }
    const { backoff } = this.#options
    this.#loop = new LedgerLoop(() => this.#round(), parts, { backoff, waiting: 'receipts' })
  }

  get waiting(): number {
    return this.#parts.entries.waiting
  }

  start(): Promise<void> {
    return this.#loop.start()
  }

  stop(): Promise<void> {
    return this.#loop.stop()
  }

  subscribe(listener: (event: OutboxEvent) => void): () => void {
    return this.#listeners.add(listener)
  }

  /** A receipt was written to the index. */
  add(sequence: number, addedAtMs: number): void {
    this.#parts.entries.add(sequence, addedAtMs)
    this.#due += 1
    // The first one begins the wait for company, a full batch ends it.
    if (this.#due === 1 || this.#due === this.#options.batchReceipts) this.#loop.wake()
  }

  flush(): Promise<void> {
    return this.#loop.inTurn(async () => {
      await this.#send(0)
      await this.#follow()
    })
  }

  async #round(): Promise<number> {
    await this.#follow()
    await this.#send(this.#options.maxAgeMs)
    return this.#nextMs()
  }

  /** Until there is more to do. Whoever adds something wakes the loop. */
  #nextMs(): number {
    const { entries, clock } = this.#parts
    const nowMs = clock.nowMs()
    const due = entries.due(nowMs)
    this.#due = due.length
    const ages = due.map(({ addedAtMs }) => addedAtMs + this.#options.maxAgeMs)
    const times = [...ages, ...entries.retryTimes()]
    if (entries.sent().length > 0) times.push(nowMs + this.#options.followMs)
    return times.reduce((left, right) => Math.min(left, right), Infinity) - nowMs
  }

  /** Sends full batches, and a smaller one when its oldest receipt has waited `maxAgeMs`. */
  async #send(maxAgeMs: number): Promise<void> {
    const { entries, clock } = this.#parts
    for (;;) {
      const due = entries.due(clock.nowMs())
      const oldestMs = due.reduce((oldest, entry) => Math.min(oldest, entry.addedAtMs), Infinity)
      const isFull = due.length >= this.#options.batchReceipts
      if (due.length === 0 || (!isFull && clock.nowMs() - oldestMs < maxAgeMs)) return
      const batch = due.slice(0, this.#options.maxBatchReceipts).map(({ sequence }) => sequence)
      await this.#record(await entries.load(batch))
    }
  }

  async #record(batch: OutboxRecord[]): Promise<void> {
    const result = await this.#parts.ledger.record(batch.map(({ commit }) => ({ commit })))
    const reasons = new Map(result.rejected.map(({ item, reason }) => [item, reason]))
    await Promise.all(
      batch.map((record, item) => {
        const reason = reasons.get(item)
        return reason === undefined
          ? this.#recorded(record, result)
          : this.#rejected(record, reason)
      }),
    )
  }

  async #recorded(record: OutboxRecord, { transactionHash }: RecordResult): Promise<void> {
    const { commit } = record
    await this.#parts.entries.markSent(record, transactionHash)
    this.#parts.metrics.add('receipts_recorded_total', 1)
    this.#listeners.emit({ kind: 'recorded', transactionHash, ...nameOf(commit.message) })
  }

  async #rejected(record: OutboxRecord, reason: string): Promise<void> {
    const { entries, metrics, logger, clock } = this.#parts
    const willRetry = PASSING.has(reason)
    const retryAtMs = willRetry ? clock.nowMs() + this.#options.rejectedRetryMs : undefined
    await entries.markRejected(record, { reason, retryAtMs })
    metrics.add('receipts_rejected_total', 1)
    const name = nameOf(record.commit.message)
    logger.error(
      { reason, willRetry, sequence: name.sequence, clientId: name.clientId },
      'the ledger left a receipt out',
    )
    this.#listeners.emit({ kind: 'rejected', reason, willRetry, ...name })
  }

  /** Looks after what was sent: final, still on its way, or lost. */
  async #follow(): Promise<void> {
    for (const { transactionHash, sequences } of this.#parts.entries.sent()) {
      const inclusion = await this.#parts.ledger.inclusion(transactionHash)
      if (inclusion?.isFinal === false) continue
      for (const record of await this.#parts.entries.load(sequences)) {
        await (inclusion === null
          ? this.#searchLost(record, transactionHash)
          : this.#final(record, transactionHash))
      }
    }
  }

  async #final(record: OutboxRecord, transactionHash: string): Promise<void> {
    await this.#parts.entries.markFinal(record)
    this.#parts.metrics.add('receipts_final_total', 1)
    this.#listeners.emit({ kind: 'final', transactionHash, ...nameOf(record.commit.message) })
  }

  /** The transaction is gone. The receipt may stand in another one (somebody else sent it); else it waits again. */
  async #searchLost(record: OutboxRecord, transactionHash: string): Promise<void> {
    const { ledger, entries, metrics, logger, nodeId } = this.#parts
    const { sequence, objectId, clientId } = record.commit.message
    if (await ledger.isRecorded(nodeId, sequence)) {
      for await (const receipt of ledger.receipts({ nodeId, objectId, clientId })) {
        if (receipt.sequence !== sequence) continue
        await entries.markSent(record, receipt.position.transactionHash)
        return
      }
    }
    await entries.markLost(record)
    metrics.add('receipts_lost_total', 1)
    logger.warn({ sequence, transactionHash }, 'the ledger lost a receipt; it is put there again')
    this.#listeners.emit({ kind: 'lost', transactionHash, ...nameOf(record.commit.message) })
  }
}

function nameOf({ objectId, clientId, index, sequence }: OutboxRecord['commit']['message']) {
  return { objectId, clientId, index, sequence }
}
