import type { StorageMetrics } from '../storage/interfaces.ts'
import { KEY_SPACE, formatStripKey } from '../storage/key-space.ts'
import type { KeyLocks } from '../storage/key-locks.ts'
import type { IndexChange, LevelIndex } from '../storage/level-index.ts'
import type { OutboxRecord, StripRecord } from '../storage/records.ts'
import { without } from '../storage/without.ts'

/** One receipt as the outbox plans with it; the commit itself stays on disk. */
interface Entry {
  sequence: number
  addedAtMs: number
  transactionHash?: string | undefined
  isRejected: boolean
  retryAtMs?: number | undefined
}

export interface ReceiptEntriesDependencies {
  index: LevelIndex
  /** Shared by everything that changes a strip. */
  stripLocks: KeyLocks
  metrics: StorageMetrics
}

/** The receipts of the outbox: on disk, and in memory what planning needs. Disk changes first. */
export class ReceiptEntries {
  readonly #parts: ReceiptEntriesDependencies
  readonly #entries = new Map<number, Entry>()

  private constructor(parts: ReceiptEntriesDependencies) {
    this.#parts = parts
  }

  static async open(parts: ReceiptEntriesDependencies): Promise<ReceiptEntries> {
    const entries = new ReceiptEntries(parts)
    for await (const record of parts.index.values(KEY_SPACE.outbox)) entries.#plan(record)
    return entries
  }

  get waiting(): number {
    let waiting = 0
    for (const entry of this.#entries.values()) if (!isGivenUp(entry)) waiting += 1
    return waiting
  }

  add(sequence: number, addedAtMs: number): void {
    this.#entries.set(sequence, { sequence, addedAtMs, isRejected: false })
    this.#parts.metrics.set('outbox_receipts', this.#entries.size)
  }

  /** What may be sent now, lowest number first. */
  due(nowMs: number): { sequence: number; addedAtMs: number }[] {
    return [...this.#entries.values()]
      .filter((entry) => entry.transactionHash === undefined && !isGivenUp(entry))
      .filter(({ retryAtMs = 0 }) => retryAtMs <= nowMs)
      .sort((left, right) => left.sequence - right.sequence)
  }

  /** When refused receipts are to be tried again. */
  retryTimes(): number[] {
    return [...this.#entries.values()].flatMap(({ retryAtMs }) =>
      retryAtMs === undefined ? [] : [retryAtMs],
    )
  }

  /** What was sent and is not final, by transaction. */
  sent(): { transactionHash: string; sequences: number[] }[] {
    const byTransaction = new Map<string, number[]>()
    for (const { sequence, transactionHash } of this.#entries.values()) {
      if (transactionHash === undefined) continue
      byTransaction.set(transactionHash, [...(byTransaction.get(transactionHash) ?? []), sequence])
    }
    return [...byTransaction].map(([transactionHash, sequences]) => ({
      transactionHash,
      sequences,
    }))
  }

  async load(sequences: readonly number[]): Promise<OutboxRecord[]> {
    const records = await Promise.all(
      sequences.map((sequence) => this.#parts.index.get(KEY_SPACE.outbox, sequence)),
    )
    return records.filter((record) => record !== null)
  }

  markSent({ commit, addedAtMs }: OutboxRecord, transactionHash: string): Promise<void> {
    return this.#change({ commit, addedAtMs, transactionHash }, (strip) => ({
      ...without(strip, 'rejection'),
      state: 'recorded',
      transactionHash,
    }))
  }

  markLost({ commit, addedAtMs }: OutboxRecord): Promise<void> {
    return this.#change({ commit, addedAtMs }, (strip) => ({
      ...without(strip, 'transactionHash'),
      state: 'stored',
    }))
  }

  markRejected(
    { commit, addedAtMs }: OutboxRecord,
    refusal: { reason: string; retryAtMs: number | undefined },
  ): Promise<void> {
    const rejection = refusal.reason.slice(0, 500)
    const { retryAtMs } = refusal
    const record = { commit, addedAtMs, rejection, ...(retryAtMs !== undefined && { retryAtMs }) }
    return this.#change(record, (strip) => ({ ...strip, rejection }))
  }

  /** Lets go of a receipt that the ledger cannot lose. */
  async markFinal({ commit }: OutboxRecord): Promise<void> {
    const { index } = this.#parts
    const { sequence } = commit.message
    const drop = index.drop(KEY_SPACE.outbox, sequence)
    await this.#write(commit.message, drop, (strip) => ({ ...strip, state: 'final' }))
    this.#entries.delete(sequence)
    this.#parts.metrics.set('outbox_receipts', this.#entries.size)
  }

  async #change(record: OutboxRecord, change: (strip: StripRecord) => StripRecord): Promise<void> {
    const { message } = record.commit
    const put = this.#parts.index.put(KEY_SPACE.outbox, message.sequence, record)
    await this.#write(message, put, change)
    this.#plan(record)
  }

  /** Outbox and strip change together; a strip that was given up meanwhile stays so. */
  #write(
    message: OutboxRecord['commit']['message'],
    ofOutbox: IndexChange,
    change: (strip: StripRecord) => StripRecord,
  ): Promise<void> {
    const { index, stripLocks } = this.#parts
    return stripLocks.run(formatStripKey(message), async () => {
      const strip = await index.get(KEY_SPACE.strips, message)
      const isSame = strip?.commit.message.sequence === message.sequence
      const ofStrip = isSame ? [index.put(KEY_SPACE.strips, message, change(strip))] : []
      await index.write([ofOutbox, ...ofStrip])
    })
  }

  #plan({ commit, addedAtMs, transactionHash, rejection, retryAtMs }: OutboxRecord): void {
    const { sequence } = commit.message
    const isRejected = rejection !== undefined
    this.#entries.set(sequence, { sequence, addedAtMs, transactionHash, isRejected, retryAtMs })
    this.#parts.metrics.set('outbox_receipts', this.#entries.size)
  }
}

function isGivenUp({ isRejected, retryAtMs }: Entry): boolean {
  return isRejected && retryAtMs === undefined
}
