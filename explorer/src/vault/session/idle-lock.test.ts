import { expect } from 'chai'
import { IdleLock } from './idle-lock.ts'

const IDLE_MS = 900_000

/** A clock and a timer that only move when they are told to. */
class ManualTime {
  wallMs = 1_750_000_000_000
  monotonicMs = 5_000
  #due: { readonly atMs: number; readonly run: () => void } | null = null

  readonly clock = { nowMs: () => this.wallMs, monotonicMs: () => this.monotonicMs }

  readonly schedule = (run: () => void, delayMs: number) => {
    const due = { atMs: this.monotonicMs + delayMs, run }
    this.#due = due
    return () => {
      if (this.#due === due) this.#due = null
    }
  }

  get isWaiting(): boolean {
    return this.#due !== null
  }

  pass(ms: number): void {
    const untilMs = this.monotonicMs + ms
    while (this.#due !== null && this.#due.atMs <= untilMs) {
      const { atMs, run } = this.#due
      this.#due = null
      this.#move(atMs - this.monotonicMs)
      run()
    }
    this.#move(untilMs - this.monotonicMs)
  }

  /** Timers and the monotonic clock stand still; the wall clock does not. */
  sleep(ms: number): void {
    this.wallMs += ms
  }

  #move(ms: number): void {
    this.wallMs += ms
    this.monotonicMs += ms
  }
}

describe('idle lock', () => {
  let time: ManualTime
  let isBusy: boolean
  let locks: number
  let idle: IdleLock

  beforeEach(() => {
    time = new ManualTime()
    isBusy = false
    locks = 0
    const { clock, schedule } = time
    const onIdle = () => {
      locks++
    }
    idle = new IdleLock({ clock, schedule, idleMs: IDLE_MS, isBusy: () => isBusy, onIdle })
    idle.start()
  })

  it('locks once when nobody has touched the page for so long', () => {
    time.pass(IDLE_MS - 1)
    expect(locks).to.equal(0)
    time.pass(1)
    expect(locks).to.equal(1)
    time.pass(10 * IDLE_MS)
    expect(locks).to.equal(1)
    expect(time.isWaiting).to.equal(false)
  })

  it('counts from the last touch', () => {
    for (let touch = 0; touch < 5; touch++) {
      time.pass(IDLE_MS - 1)
      idle.touch()
    }
    expect(locks).to.equal(0)
    time.pass(IDLE_MS)
    expect(locks).to.equal(1)
  })

  it('waits for work under way, and locks soon after it is over', () => {
    isBusy = true
    time.pass(5 * IDLE_MS)
    expect(locks).to.equal(0)
    isBusy = false
    time.pass(15_000)
    expect(locks).to.equal(1)
  })

  it('takes the touch that wakes a computer for a lock, not for a touch', () => {
    time.pass(1_000)
    time.sleep(IDLE_MS)
    idle.touch()
    expect(locks).to.equal(1)
  })

  it('locks in time although the wall clock was set back', () => {
    time.sleep(-100 * IDLE_MS)
    time.pass(IDLE_MS)
    expect(locks).to.equal(1)
  })

  it('does nothing after it was stopped', () => {
    idle.stop()
    idle.touch()
    time.pass(10 * IDLE_MS)
    expect(locks).to.equal(0)
    expect(time.isWaiting).to.equal(false)
  })
})
