import type { Clock } from '@orlop/protocol/clock'

/** A clock that tests move by hand. */
export class ManualClock implements Clock {
  #wallMs: number
  #monotonicMs: number

  constructor(wallMs = 1_750_000_000_000, monotonicMs = 1_000) {
    this.#wallMs = wallMs
    this.#monotonicMs = monotonicMs
  }

  nowMs(): number {
    return this.#wallMs
  }

  monotonicMs(): number {
    return this.#monotonicMs
  }

  /** Time passes. */
  advance(ms: number): void {
    this.#wallMs += ms
    this.#monotonicMs += ms
  }

  /** Somebody sets the wall clock. */
  setWall(wallMs: number): void {
    this.#wallMs = wallMs
  }
}
