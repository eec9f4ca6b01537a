import type { Startable } from '@orlop/protocol/lifecycle'
import type { Timers } from './timers.ts'

/** What a step asks for. */
export interface NextStep {
  delayMs: number
  /** Whether {@link WorkLoop.wake} may shorten the delay: not while the ledger is given time to come back. */
  mayWake: boolean
}

/** Runs a step again and again: after the delay it asks for, or as soon as somebody wakes it. */
export class WorkLoop implements Startable {
  readonly #step: () => Promise<NextStep>
  readonly #timers: Timers
  #running: Promise<void> | null = null
  #stop = new AbortController()
  #wakes = 0
  #mayWake = true
  #sleep: AbortController | null = null

  /** @param step - never rejects. */
  constructor(step: () => Promise<NextStep>, timers: Timers) {
    this.#step = step
    this.#timers = timers
  }

  start(): Promise<void> {
    if (this.#running === null) {
      this.#stop = new AbortController()
      this.#running = this.#run()
    }
    return Promise.resolve()
  }

  /** Resolves when the step under way has ended. */
  async stop(): Promise<void> {
    this.#stop.abort()
    await this.#running
    this.#running = null
  }

  wake(): void {
    this.#wakes += 1
    if (this.#mayWake) this.#sleep?.abort()
  }

  async #run(): Promise<void> {
    const stop = this.#stop.signal
    while (!stop.aborted) {
      const wakes = this.#wakes
      const { delayMs, mayWake } = await this.#step()
      this.#mayWake = mayWake
      // Whoever called while the step ran may have been overlooked by it.
      if (mayWake && wakes !== this.#wakes) continue
      this.#sleep = new AbortController()
      await this.#timers.wait(delayMs, AbortSignal.any([this.#sleep.signal, stop]))
    }
  }
}
