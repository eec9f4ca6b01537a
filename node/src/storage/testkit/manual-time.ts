import type { Clock } from '@orlop/protocol/clock'
import type { Timers } from '../../outbox/timers.ts'

interface Wait {
  untilMs: number
  wake: () => void
}

/** Time that stands still until a test moves it, for clocks and timers alike. */
export class ManualTime implements Clock, Timers {
  #nowMs: number
  readonly #waits = new Set<Wait>()
  readonly #watchers: ((ms: number) => void)[] = []

  constructor(nowMs = Date.UTC(2026, 0, 1)) {
    this.#nowMs = nowMs
  }

  nowMs(): number {
    return this.#nowMs
  }

  monotonicMs(): number {
    return this.#nowMs
  }

  async wait(ms: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return
    await new Promise<void>((resolve) => {
      const wait = { untilMs: this.#nowMs + ms, wake: resolve }
      this.#waits.add(wait)
      signal.addEventListener('abort', () => {
        this.#waits.delete(wait)
        resolve()
      })
      for (const tell of this.#watchers.splice(0)) tell(ms)
    })
  }

  /** Resolves when somebody begins to wait, with the milliseconds asked for. Call it before what leads there. */
  nextWait(): Promise<number> {
    return new Promise((resolve) => {
      this.#watchers.push(resolve)
    })
  }

  advance(ms: number): void {
    this.#nowMs += ms
    for (const wait of [...this.#waits]) {
      if (wait.untilMs > this.#nowMs) continue
      this.#waits.delete(wait)
      wait.wake()
    }
  }
}
