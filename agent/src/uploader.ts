import { type Importance, IMPORTANCES } from '@orlop/protocol/data-classes'
import type { Clock } from '@orlop/protocol/clock'
import { isOrlopError } from '@orlop/protocol/errors'
import type { Startable } from '@orlop/protocol/lifecycle'
import type { Logger } from '@orlop/protocol/logger'
import type { RetryPlan } from './retry-plan.ts'
import type { Spool, SpoolItem, StoredFacts } from './spool/spool.ts'

/**
 * What the uploader asks of the SDK: stores the file and resolves when every copy is signed for; null when the file was written again
 * since it was found. Asked again for the same item, also after a crash, it gives the same object.
 */
export type StoreFile = (item: SpoolItem, signal: AbortSignal) => Promise<StoredFacts | null>

export interface UploaderDependencies {
  spool: Spool
  storeFile: StoreFile
  /** Told of every stored item, those of earlier runs included. */
  onStored: (item: SpoolItem, stored: StoredFacts) => void
  retries: RetryPlan
  clock: Clock
  logger: Logger
  /** Waits; injected so that tests need no time. @returns early when the signal is aborted. */
  pause: (durationMs: number, signal: AbortSignal) => Promise<void>
  /** Told after every change of an item. */
  onChange: () => void
}

export interface UploaderOptions {
  /** First and longest pause after failures that may pass. Doubles from one to the other. */
  minRetryMs: number
  maxRetryMs: number
}

/**
 * Empties the spool: one file at a time, what matters most first. A more important file that arrives during an upload interrupts it;
 * the interrupted one continues later from the last byte the node has. Failures that may pass (no link, no node) are tried
 * again for ever with growing pauses, in turns; a file that cannot be stored as it is waits for a person as `failed` and is tried again
 * at long intervals.
 */
export class Uploader implements Startable {
  readonly #dependencies: UploaderDependencies
  readonly #options: UploaderOptions
  readonly #stopping = new AbortController()
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
      if (item.state === 'stored' && item.stored !== null)
        this.#dependencies.onStored(item, item.stored)
    }
    this.#running = this.#run()
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    this.#wake?.()
    await this.#running
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
    const { spool, retries } = this.#dependencies
    let failures = 0
    while (!this.#stopping.signal.aborted) {
      const arrival = new Promise<void>((resolve) => (this.#wake = resolve))
      const item = await spool.next((candidate) => retries.rank(candidate))
      if (item === null) {
        await this.#idle(arrival)
        continue
      }
      const mayPass = await this.#storeItem(item)
      failures = mayPass ? failures + 1 : 0
      if (mayPass) await this.#pauseAfter(failures)
    }
  }

  /** Until something arrives or something that failed has its turn again. */
  async #idle(arrival: Promise<void>): Promise<void> {
    const dueMs = this.#dependencies.retries.nextDueMs()
    if (dueMs === null) return arrival
    const over = new AbortController()
    await Promise.race([arrival, this.#dependencies.pause(dueMs, over.signal)])
    over.abort()
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
    const done = new AbortController()
    void this.#giveWayInTime(item, interrupt, done.signal)
    try {
      const stored = await this.#dependencies.storeFile(item, signal)
      await this.#noteOutcome(item, stored)
      return false
    } catch (error) {
      if (signal.aborted) return false
      return await this.#noteFailure(item, error)
    } finally {
      done.abort()
      this.#current = null
    }
  }

  /** A long upload that began while something more important failed lets that one try again now and then. */
  async #giveWayInTime(item: SpoolItem, interrupt: AbortController, done: AbortSignal) {
    const { retries, pause } = this.#dependencies
    if (!retries.hasOvertaken(item)) return
    await pause(this.#options.maxRetryMs, done)
    if (done.aborted) return
    retries.forgetPassing()
    interrupt.abort()
  }

  async #noteOutcome(item: SpoolItem, stored: StoredFacts | null): Promise<void> {
    const state = stored === null ? 'replaced' : 'stored'
    const updated = await this.#update(item, { state, stored, failure: null })
    if (stored === null) return
    this.#dependencies.retries.noteSuccess(item)
    this.#dependencies.onStored(updated, stored)
  }

  async #noteFailure(item: SpoolItem, error: unknown): Promise<boolean> {
    const { logger, clock, retries } = this.#dependencies
    const mayPass = isOrlopError(error) && error.isRetryable
    const code = isOrlopError(error)
      ? error.code
      : ((error as NodeJS.ErrnoException).code ?? 'INTERNAL')
    const message = error instanceof Error ? error.message : String(error)
    logger.warn({ code, key: item.key, mayPass }, 'a file could not be stored')
    const failure = { code, message, atMs: clock.nowMs() }
    await this.#update(item, mayPass ? { failure } : { failure, state: 'failed' })
    if (mayPass) retries.notePassingFailure(item)
    else retries.noteFailure(item)
    return mayPass
  }

  async #update(item: SpoolItem, change: Partial<Omit<SpoolItem, 'key'>>): Promise<SpoolItem> {
    const { spool, clock, onChange } = this.#dependencies
    const timed = change.state === undefined ? change : { ...change, changedMs: clock.nowMs() }
    const updated = await spool.update(item.key, timed)
    onChange()
    return updated
  }
}
