/** Time, as a pool sees it. */
export interface PoolClock {
  /** Milliseconds since some moment, never going back. */
  nowMs(): number
  /** Calls once after so long. @returns what stops it */
  after(delayMs: number, action: () => void): () => void
}

/** The time of this process; its timers do not keep the process alive. */
export const systemClock: PoolClock = {
  nowMs: () => performance.now(),
  after(delayMs, action) {
    const timer = setTimeout(action, delayMs)
    timer.unref()
    return () => clearTimeout(timer)
  },
}
