import type { Logger } from '@orlop/protocol/logger'

/** Work that goes on after an answer was given, and ends before the client is closed. */
export class BackgroundTasks {
  readonly #logger: Logger
  readonly #running = new Set<Promise<void>>()
  /** Tasks of which one is enough; true when it is to run once more. */
  readonly #single = new Map<string, boolean>()
  readonly #stop = new AbortController()

  constructor(logger: Logger) {
    this.#logger = logger
  }

  /** Starts a task. A failure is logged; nobody waits for it. */
  run(name: string, task: (signal: AbortSignal) => Promise<void>): void {
    if (this.#stop.signal.aborted) return
    const running = task(this.#stop.signal).catch((error: unknown) => {
      const reason = error instanceof Error ? error.message : 'unknown reason'
      this.#logger.warn({ task: name, reason }, 'a background task failed')
    })
    this.#running.add(running)
    void running.finally(() => this.#running.delete(running))
  }

  /** Starts a task unless one of that name runs; that one then runs once more when it has ended. */
  runOnce(name: string, task: (signal: AbortSignal) => Promise<void>): void {
    const isRunning = this.#single.has(name)
    this.#single.set(name, isRunning)
    if (!isRunning) this.run(name, (signal) => this.#repeat(name, () => task(signal)))
  }

  async #repeat(name: string, task: () => Promise<void>): Promise<void> {
    try {
      do {
        this.#single.set(name, false)
        await task()
      } while (this.#single.get(name) === true)
    } finally {
      this.#single.delete(name)
    }
  }

  /** Waits until everything that was started has ended. */
  async settled(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running)
  }

  /**
   * Waits until everything that was started has ended, and starts nothing more.
   *
   * @param signal - when it fires, the tasks are told to stop.
   */
  async end(signal?: AbortSignal): Promise<void> {
    const stop = () => this.#stop.abort(new Error('the client is closed'))
    if (signal?.aborted === true) stop()
    signal?.addEventListener('abort', stop)
    await this.settled()
    signal?.removeEventListener('abort', stop)
    stop()
  }
}
