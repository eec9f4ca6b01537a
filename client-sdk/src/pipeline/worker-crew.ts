import { type Timer, unrefTimer } from '@orlop/transport/timers'
import type { Crew, RunOptions } from './crew.ts'
import { CrewWorker } from './crew-worker.ts'
import type { Operation, RequestOf, ResultOf } from './operations.ts'
import type { StartWorker } from './worker-port.ts'

export interface WorkerCrewOptions {
  /** Most workers at once. */
  readonly width: number
  /** How long workers without work are kept, in ms. */
  readonly idleMs: number
  readonly start: StartWorker
}

/**
 * Works in workers, which are started when there is work for them and stopped when there has been none for a while. A worker that
 * ends fails what waits for it, and is replaced when there is more to do.
 */
export class WorkerCrew implements Crew {
  readonly width: number
  readonly #idleMs: number
  readonly #startWorker: StartWorker
  readonly #workers = new Set<CrewWorker>()
  readonly #pins = new Map<number, CrewWorker>()
  #idleTimer: Timer | null = null
  #empty = Promise.withResolvers<undefined>()

  constructor({ width, idleMs, start }: WorkerCrewOptions) {
    this.width = width
    this.#idleMs = idleMs
    this.#startWorker = start
  }

  /** Workers that exist now. */
  get workerCount(): number {
    return this.#workers.size
  }

  /** Starts every worker ahead of the work. Without work they end again as ever. */
  warm(): void {
    while (this.#workers.size < this.width) this.#start()
  }

  /**
   * Waits until one worker that was started is ready, or all have failed to be.
   *
   * @returns null when one is ready; else what the first failed of.
   */
  async whenReady(): Promise<Error | null> {
    const starts = [...this.#workers].map(({ started }) => started)
    const firstReady = Promise.withResolvers<null>()
    for (const start of starts) void start.then((error) => error ?? firstReady.resolve(null))
    const allFailed = Promise.all(starts).then((errors) => errors.find((error) => error !== null))
    return Promise.race([firstReady.promise, allFailed.then((error) => error ?? null)])
  }

  async run<K extends Operation>(
    operation: K,
    request: RequestOf<K>,
    options: RunOptions = {},
  ): Promise<ResultOf<K>> {
    this.#stopIdleTimer()
    try {
      return await this.#workerFor(options.pin).run(operation, request, options)
    } finally {
      this.#startIdleTimer()
    }
  }

  async release(contextId: number): Promise<void> {
    this.#pins.delete(contextId)
    this.#stopIdleTimer()
    const workers = [...this.#workers]
    // A worker that ends meanwhile keeps nothing either.
    await Promise.allSettled(workers.map((worker) => worker.run('release', { contextId }, {})))
    this.#startIdleTimer()
  }

  /** Settles when the last worker has ended; at once when there is none. */
  async whenEmpty(): Promise<void> {
    if (this.#workers.size > 0) await this.#empty.promise
  }

  /** Ends every worker now; operations that wait fail. The crew can be used again afterwards. */
  async stop(): Promise<void> {
    this.#stopIdleTimer()
    await Promise.all([...this.#workers].map((worker) => worker.stop()))
  }

  #workerFor(pin: number | undefined): CrewWorker {
    if (pin === undefined) return this.#leastLoaded()
    const pinned = this.#pins.get(pin) ?? this.#leastLoaded()
    this.#pins.set(pin, pinned)
    return pinned
  }

  #leastLoaded(): CrewWorker {
    let least: CrewWorker | null = null
    const staying = [...this.#workers].filter((worker) => !worker.isEnding)
    for (const worker of staying) {
      if (worker.isReady && (least === null || worker.load < least.load)) least = worker
    }
    if (least !== null && (least.isIdle || staying.length >= this.width)) return least
    const started = this.#start()
    // Work that somebody can do does not wait for one who may never come.
    return started.isReady ? started : (least ?? started)
  }

  #start(): CrewWorker {
    const started = new CrewWorker(this.#startWorker, (ended) => this.#forget(ended))
    this.#workers.add(started)
    void started.started.then(() => this.#startIdleTimer())
    return started
  }

  #forget(worker: CrewWorker): void {
    this.#workers.delete(worker)
    for (const [pin, pinned] of this.#pins) if (pinned === worker) this.#pins.delete(pin)
    if (this.#workers.size > 0) return
    this.#empty.resolve(undefined)
    this.#empty = Promise.withResolvers<undefined>()
  }

  #startIdleTimer(): void {
    // A pinned worker holds the state of an object whose next bytes may be long in coming.
    if (this.#pins.size > 0) return
    if ([...this.#workers].some((worker) => !worker.isReady || !worker.isIdle)) return
    this.#stopIdleTimer()
    this.#idleTimer = setTimeout(() => void this.stop(), this.#idleMs)
    unrefTimer(this.#idleTimer)
  }

  #stopIdleTimer(): void {
    if (this.#idleTimer !== null) clearTimeout(this.#idleTimer)
    this.#idleTimer = null
  }
}
