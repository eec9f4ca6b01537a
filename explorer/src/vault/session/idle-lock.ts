import type { Clock } from '@orlop/protocol/clock'

/** Runs something later. @returns what calls it off. */
export type Schedule = (run: () => void, delayMs: number) => () => void

/** How often work that holds the lock off is looked at again. */
const BUSY_STEP_MS = 15_000

export interface IdleLockOptions {
  readonly clock: Clock
  readonly schedule: Schedule
  readonly idleMs: number
  /** Work that is waited for: an upload that somebody started and left alone. */
  readonly isBusy: () => boolean
  readonly onIdle: () => void
}

/** Tells when nobody has touched the page for a while. */
export class IdleLock {
  readonly #options: IdleLockOptions
  #lastMs = { wall: 0, monotonic: 0 }
  #callOff: (() => void) | null = null

  constructor(options: IdleLockOptions) {
    this.#options = options
  }

  start(): void {
    this.#note()
    this.#wait(this.#options.idleMs)
  }

  /** Somebody did something. After a long sleep of the computer that comes too late. */
  touch(): void {
    if (this.#callOff === null) return
    if (this.#idleMs() >= this.#options.idleMs && !this.#options.isBusy()) this.#look()
    else this.#note()
  }

  stop(): void {
    this.#callOff?.()
    this.#callOff = null
  }

  #look(): void {
    const { idleMs, isBusy, onIdle } = this.#options
    const leftMs = idleMs - this.#idleMs()
    if (leftMs > 0) this.#wait(leftMs)
    else if (isBusy()) this.#wait(BUSY_STEP_MS)
    else {
      this.stop()
      onIdle()
    }
  }

  #wait(delayMs: number): void {
    this.#callOff?.()
    this.#callOff = this.#options.schedule(() => this.#look(), delayMs)
  }

  #note(): void {
    const { clock } = this.#options
    this.#lastMs = { wall: clock.nowMs(), monotonic: clock.monotonicMs() }
  }

  /** By the clock that went further: one may be set back, the other may stand still while the computer sleeps. */
  #idleMs(): number {
    const { clock } = this.#options
    const { wall, monotonic } = this.#lastMs
    return Math.max(clock.nowMs() - wall, clock.monotonicMs() - monotonic)
  }
}
