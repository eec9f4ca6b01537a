import type { Clock } from '@orlop/protocol/clock'

/** A token bucket that holds one second's bytes. What is beyond is not refused: it says how long to wait. */
export class ByteRate {
  readonly #bytesPerSecond: number
  readonly #clock: Clock
  #tokens: number
  #filledMs: number

  constructor(bytesPerSecond: number, clock: Clock) {
    this.#bytesPerSecond = bytesPerSecond
    this.#clock = clock
    this.#tokens = bytesPerSecond
    this.#filledMs = clock.monotonicMs()
  }

  /** Counts `bytes`. @returns milliseconds to wait before the next ones; 0 within the rate. */
  take(bytes: number): number {
    const nowMs = this.#clock.monotonicMs()
    const gained = ((nowMs - this.#filledMs) / 1000) * this.#bytesPerSecond
    this.#filledMs = nowMs
    this.#tokens = Math.min(this.#bytesPerSecond, this.#tokens + gained) - bytes
    return this.#tokens >= 0 ? 0 : Math.ceil((-this.#tokens / this.#bytesPerSecond) * 1000)
  }
}
