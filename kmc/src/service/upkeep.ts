import type { Logger } from '@orlop/protocol/logger'
import { KmcError } from '../kmc-error.ts'

/** Does something every now and then, never twice at once. What fails is logged, and done again the next time. */
export class Upkeep {
  readonly #timer: NodeJS.Timeout
  #running: Promise<void> | null = null

  /** @param periodMs - from one beginning to the next. */
  constructor(work: () => Promise<void>, periodMs: number, logger: Logger) {
    this.#timer = setInterval(() => {
      this.#running ??= work()
        .catch((error: unknown) => {
          const code = error instanceof KmcError ? error.code : 'INTERNAL'
          logger.warn({ code }, 'upkeep failed; it is tried again')
        })
        .finally(() => (this.#running = null))
    }, periodMs).unref()
  }

  /** Begins no more, and waits for what is under way. */
  async stop(): Promise<void> {
    clearInterval(this.#timer)
    await this.#running
  }
}
