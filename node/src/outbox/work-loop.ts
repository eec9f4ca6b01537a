import type { Startable } from '@orlop/protocol/lifecycle'
import type { Timers } from './timers.ts'

/** Runs a step again and again: after the delay it asks for, or as soon as somebody wakes it. */
export class WorkLoop implements Startable {
  readonly #step: () => Promise<number>
  readonly #timers: Timers
  #running: Promise<void> | null = null
  #isStopping = false
  #isWoken = false
  #sleep = new AbortController()

  /** @param step - never rejects; resolves to the milliseconds until the next step. */
  constructor(step: () => Promise<number>, timers: Timers) {
    this.#step = step
    this.#timers = timers
  }

  start(): Promise<void> {
    if (this.#running === null) {
      this.#isStopping = false
      this.#running = this.#run()
    }
    return Promise.resolve()
  }

  /** Resolves when the step under way has ended. */
  async stop(): Promise<void> {
    this.#isStopping = true
    this.wake()
    await this.#running
    this.#running = null
  }

  wake(): void {
    this.#isWoken = true
    this.#sleep.abort()
  }

  async #run(): Promise<void> {
    while (!this.#isStopping) {
      this.#isWoken = false
      const delayMs = await this.#step()
      this.#sleep = new AbortController()
      // Whoever called while the step ran may have been overlooked by it.
      if (!this.#isWoken) await this.#timers.wait(delayMs, this.#sleep.signal)
    }
  }
}
