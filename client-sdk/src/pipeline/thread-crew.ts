import { availableParallelism } from 'node:os'

import type { Crew, RunOptions } from './crew.ts'
import type { Operation, RequestOf, ResultOf } from './operations.ts'
import { WorkerThread } from './worker-thread.ts'

/** More threads would only wait for memory, and each keeps two chunks in flight. */
const MAX_THREADS = 8
const DEFAULT_IDLE_MS = 2_000

export interface ThreadCrewOptions {
  /** 1–8; one for each core when left out. */
  readonly threads?: number
  /** How long threads without work are kept, in ms. */
  readonly idleMs?: number
}

/**
 * Works in worker threads, which are started when there is work for them and stopped when there has been none for a while. They
 * never keep the process alive by themselves.
 */
export class ThreadCrew implements Crew {
  readonly width: number
  readonly #idleMs: number
  readonly #threads = new Set<WorkerThread>()
  readonly #pins = new Map<number, WorkerThread>()
  #idleTimer: NodeJS.Timeout | null = null
  #empty = Promise.withResolvers<undefined>()

  constructor(options: ThreadCrewOptions = {}) {
    this.width = Math.max(1, Math.min(MAX_THREADS, options.threads ?? availableParallelism()))
    this.#idleMs = options.idleMs ?? DEFAULT_IDLE_MS
  }

  /** Threads that exist now. */
  get threadCount(): number {
    return this.#threads.size
  }

  /**
   * Starts every thread ahead of the work, so that a program that will soon have some spends that tenth of a second on its own
   * start. Without work they end again as ever.
   */
  warm(): void {
    while (this.#threads.size < this.width) this.#start()
    this.#startIdleTimer()
  }

  async run<K extends Operation>(
    operation: K,
    request: RequestOf<K>,
    options: RunOptions = {},
  ): Promise<ResultOf<K>> {
    this.#stopIdleTimer()
    try {
      return await this.#threadFor(options.pin).run(operation, request, options)
    } finally {
      this.#startIdleTimer()
    }
  }

  async release(contextId: number): Promise<void> {
    this.#pins.delete(contextId)
    this.#stopIdleTimer()
    const threads = [...this.#threads]
    await Promise.all(threads.map((thread) => thread.run('release', { contextId }, {})))
    this.#startIdleTimer()
  }

  /** Settles when the last thread has ended; at once when there is none. */
  async whenEmpty(): Promise<void> {
    if (this.#threads.size > 0) await this.#empty.promise
  }

  /** Ends every thread now; operations that wait fail. The crew can be used again afterwards. */
  async stop(): Promise<void> {
    this.#stopIdleTimer()
    await Promise.all([...this.#threads].map((thread) => thread.stop()))
  }

  #threadFor(pin: number | undefined): WorkerThread {
    if (pin === undefined) return this.#leastLoaded()
    const pinned = this.#pins.get(pin) ?? this.#leastLoaded()
    this.#pins.set(pin, pinned)
    return pinned
  }

  #leastLoaded(): WorkerThread {
    let least: WorkerThread | null = null
    for (const thread of this.#threads)
      if (least === null || thread.load < least.load) least = thread
    if (least !== null && (least.isIdle || this.#threads.size >= this.width)) return least
    return this.#start()
  }

  #start(): WorkerThread {
    const started = new WorkerThread((ended) => this.#forget(ended))
    this.#threads.add(started)
    return started
  }

  #forget(thread: WorkerThread): void {
    this.#threads.delete(thread)
    for (const [pin, pinned] of this.#pins) if (pinned === thread) this.#pins.delete(pin)
    if (this.#threads.size > 0) return
    this.#empty.resolve(undefined)
    this.#empty = Promise.withResolvers<undefined>()
  }

  #startIdleTimer(): void {
    // A pinned thread holds the state of an object whose next bytes may be long in coming.
    if (this.#pins.size > 0 || [...this.#threads].some((thread) => !thread.isIdle)) return
    this.#stopIdleTimer()
    this.#idleTimer = setTimeout(() => void this.stop(), this.#idleMs).unref()
  }

  #stopIdleTimer(): void {
    if (this.#idleTimer !== null) clearTimeout(this.#idleTimer)
    this.#idleTimer = null
  }
}
