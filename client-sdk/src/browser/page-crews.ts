import type { Logger } from '@orlop/protocol/logger'
import type { OwnCrews } from '../pipeline/crews.ts'
import { PageCrew } from '../pipeline/page-crew.ts'
import { WorkerCrew } from '../pipeline/worker-crew.ts'
import { type WebWorker, webWorkerStarter } from './start-web-worker.ts'
import { WebCrew } from './web-crew.ts'

/** Each keeps two chunks in flight, of 4 MiB and sealed once more. */
const MAX_WORKERS = 4
const START_TIMEOUT_MS = 30_000
const IDLE_MS = 10_000

export interface PageCrewsOptions {
  /** Makes a worker that runs `page-worker`; null for none. */
  readonly worker: (() => WebWorker) | null
  readonly logger: Logger
  /** The page's own when left out. */
  readonly origin?: string
  /** Of the computer, as far as the browser tells, when left out. */
  readonly cores?: number
  /** How long a worker may take until it says that it is there, in ms; half a minute when left out. */
  readonly startTimeoutMs?: number
}

/** The crews of one client in a page: web workers for chunks, the page's own thread for what is small. */
export function pageCrews({ worker, logger, ...options }: PageCrewsOptions): OwnCrews {
  const page = new PageCrew()
  if (worker === null) return { inline: page, threads: page, stop: () => Promise.resolve() }
  const { origin = globalThis.origin, cores = navigator.hardwareConcurrency } = options
  const { startTimeoutMs = START_TIMEOUT_MS } = options
  const workers = new WorkerCrew({
    width: Math.max(1, Math.min(MAX_WORKERS, cores)),
    idleMs: IDLE_MS,
    start: webWorkerStarter({ make: worker, origin, startTimeoutMs }),
  })
  const threads = new WebCrew({ workers, page, logger })
  return { inline: page, threads, stop: () => workers.stop() }
}

/**
 * Starts a worker of this module's own script. Bundlers know the form: Vite and webpack make a file of it; for others, `page-worker` is
 * to be made an entry that lies beside the page's script.
 */
export function ownWorker(): WebWorker {
  return new Worker(new URL('./page-worker.js', import.meta.url), { type: 'module' })
}
