import { setTimeout } from 'node:timers/promises'

/** Waiting, injected so that tests decide when time passes. */
export interface Timers {
  /** Resolves after `ms`, or at once (never rejects) when `signal` fires. */
  wait(ms: number, signal: AbortSignal): Promise<void>
}

/** The machine's own timers. */
export const systemTimers: Timers = {
  wait: async (ms, signal) => {
    await setTimeout(ms, undefined, { signal }).catch(() => undefined)
  },
}
