import { availableParallelism } from 'node:os'

import { startThread } from './start-thread.ts'
import { WorkerCrew } from './worker-crew.ts'

/** More threads would only wait for memory, and each keeps two chunks in flight. */
const MAX_THREADS = 8
const DEFAULT_IDLE_MS = 2_000

export interface ThreadCrewOptions {
  /** 1–8; one for each core when left out. */
  readonly threads?: number
  /** How long threads without work are kept, in ms. */
  readonly idleMs?: number
}

/** Works in worker threads of Node. They never keep the process alive by themselves. */
export class ThreadCrew extends WorkerCrew {
  constructor({ threads = availableParallelism(), idleMs }: ThreadCrewOptions = {}) {
    const width = Math.max(1, Math.min(MAX_THREADS, threads))
    super({ width, idleMs: idleMs ?? DEFAULT_IDLE_MS, start: startThread })
  }
}
