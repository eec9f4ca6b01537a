/** Time as parts of Orlop see it: injected, so that tests can hold it still. */
export interface Clock {
  /** Milliseconds since 1970-01-01 UTC. May jump. */
  nowMs(): number
  /** Milliseconds of a clock that only runs forward; its origin means nothing. */
  monotonicMs(): number
}

/** The machine's own clocks. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
}
