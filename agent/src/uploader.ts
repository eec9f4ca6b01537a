import { type Importance, IMPORTANCES } from '@orlop/protocol/data-classes'
import type { Clock } from '@orlop/protocol/clock'
import { isOrlopError } from '@orlop/protocol/errors'
import type { Startable } from '@orlop/protocol/lifecycle'
import type { Logger } from '@orlop/protocol/logger'
import type { Spool, SpoolItem, StoredFacts } from './spool/spool.ts'

/** What the uploader asks of the SDK: stores one file and resolves when every copy is signed for. */
export type StoreFile = (path: string, signal: AbortSignal) => Promise<StoredFacts>
/** Resolves when the object's receipts are on the ledger. */
export type AwaitRecorded = (objectId: string, signal: AbortSignal) => Promise<void>

export interface UploaderDependencies {
  spool: Spool
  storeFile: StoreFile
  awaitRecorded: AwaitRecorded
  clock: Clock
  logger: Logger
  /** Waits; injected so that tests need no time. @returns early when the signal is aborted. */
  pause: (durationMs: number, signal: AbortSignal) => Promise<void>
  /** Told after every change of an item. */
  onChange: () => void
}

export interface UploaderOptions {
  /** First and longest pause after a failure that may pass. Doubles from one to the other. */
  minRetryMs: number
  maxRetryMs: number
}

/**
 * Empties the spool: one file at a time, what matters most first. A more important file that arrives during an upload interrupts it;
 * the interrupted one continues later from the last byte the node has. Failures that may pass (no link, no node) are tried
 * again for ever with growing pauses; a file that cannot be stored as it is waits for a person as `failed`.
 */
export class Uploader implements Startable {
  readonly #dependencies: UploaderDependencies
  readonly #options: UploaderOptions
  readonly #stopping = new AbortController()
  readonly #recording = new Set<Promise<void>>()
  #current: { importance: Importance; interrupt: AbortController } | null = null
  #wake: (() => void) | null = null
  #running: Promise<void> | null = null

  constructor(dependencies: UploaderDependencies, options: UploaderOptions) {
    this.#dependencies = dependencies
    this.#options = options
  }

  async start(): Promise<void> {
    if (this.#running !== null) return
    for await (const item of this.#dependencies.spool.all()) {
      if (item.state === 'stored' && item.stored !== null) this.#followToLedger(item, item.stored)
    }
    this.#running = this.#run()
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    this.#wake?.()
    await this.#running
    await Promise.all(this.#recording)
  }

  /** Says that the spool has something new, so that an upload that matters less gives way. */
  noteArrival(importance: Importance): void {
    this.#wake?.()
    const current = this.#current
    if (current !== null && IMPORTANCES[importance] < IMPORTANCES[current.importance]) {
      current.interrupt.abort()
    }
  }

  async #run(): Promise<void> {
    let failures = 0
    while (!this.#stopping.signal.aborted) {
      const arrival = new Promise<void>((resolve) => (this.#wake = resolve))
      const item = await this.#dependencies.spool.next()
      if (item === null) {
        await arrival
        continue
      }
      const mayPass = await this.#storeItem(item)
      failures = mayPass ? failures + 1 : 0
      if (mayPass) await this.#pauseAfter(failures)
    }
  }

  async #pauseAfter(failures: number): Promise<void> {
    const { minRetryMs, maxRetryMs } = this.#options
    const pauseMs = Math.min(minRetryMs * 2 ** (failures - 1), maxRetryMs)
    await this.#dependencies.pause(pauseMs, this.#stopping.signal)
  }

  /** @returns true when it failed in a way that may pass. */
  async #storeItem(item: SpoolItem): Promise<boolean> {
    const interrupt = new AbortController()
    this.#current = { importance: item.importance, interrupt }
    const signal = AbortSignal.any([interrupt.signal, this.#stopping.signal])
    await this.#update(item, { state: 'storing', attempts: item.attempts + 1 })
    try {
      const stored = await this.#dependencies.storeFile(item.path, signal)
      const updated = await this.#update(item, { state: 'stored', stored, failure: null })
      this.#followToLedger(updated, stored)
      return false
    } catch (error) {
      if (signal.aborted) return false
      return await this.#noteFailure(item, error)
    } finally {
      this.#current = null
    }
  }

  async #noteFailure(item: SpoolItem, error: unknown): Promise<boolean> {
    const mayPass = isOrlopError(error) && error.isRetryable
    const code = isOrlopError(error)
      ? error.code
      : ((error as NodeJS.ErrnoException).code ?? 'INTERNAL')
    const message = error instanceof Error ? error.message : String(error)
    this.#dependencies.logger.warn({ code, key: item.key, mayPass }, 'a file could not be stored')
    const failure = { code, message, atMs: this.#dependencies.clock.nowMs() }
    await this.#update(item, mayPass ? { failure } : { failure, state: 'failed' })
    return mayPass
  }

  #followToLedger(item: SpoolItem, { objectId }: StoredFacts): void {
    const recorded = this.#dependencies
      .awaitRecorded(objectId, this.#stopping.signal)
      .then(() => this.#update(item, { state: 'recorded' }))
      .then(
        () => undefined,
        (error: unknown) => {
          if (this.#stopping.signal.aborted) return
          this.#dependencies.logger.warn(
            { key: item.key, err: error },
            'not seen on the ledger yet; asked again at the next start',
          )
        },
      )
      .finally(() => this.#recording.delete(recorded))
    this.#recording.add(recorded)
  }

  async #update(item: SpoolItem, change: Partial<Omit<SpoolItem, 'key'>>): Promise<SpoolItem> {
    const updated = await this.#dependencies.spool.update(item.key, change)
    this.#dependencies.onChange()
    return updated
  }
}
