import type { Logger } from '@orlop/protocol/logger'

/** Work that goes on after an answer was given, and ends before the client is closed. */
export class BackgroundTasks {
  readonly #logger: Logger
  readonly #running = new Set<Promise<void>>()
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

  /** Waits until everything that was started has ended. */
  async settled(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running)
  }

  /** Tells the tasks to stop and waits for them. */
  async stop(): Promise<void> {
    this.#stop.abort(new Error('the client is closed'))
    await this.settled()
  }
}
