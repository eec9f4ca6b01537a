import { getCompileCacheDir } from 'node:module'
import { Worker } from 'node:worker_threads'

import type { WorkAnswer } from './work-messages.ts'
import type { WorkerEvents, WorkerPort } from './worker-port.ts'

/** What a worker thread is told when it starts. */
export interface ThreadSettings {
  /** Where this process keeps compiled modules; null when it does not. */
  readonly compileCacheFolder: string | null
}

function settings(): ThreadSettings {
  return { compileCacheFolder: getCompileCacheDir() ?? null }
}

/** A thread's work lies in buffers; the little else that it makes needs no 48 MiB to die in, which are the default. */
const YOUNG_MEMORY_MIB = 4

const ENTRY = import.meta.url.endsWith('.ts') ? './pipeline-worker.ts' : './pipeline-worker.js'

/** Starts a worker thread of Node. It keeps the process alive only while something waits for it. */
export function startThread(events: WorkerEvents): WorkerPort {
  const worker = new Worker(new URL(ENTRY, import.meta.url), {
    workerData: settings(),
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MEMORY_MIB },
  })
  let cause: unknown = null
  worker.unref()
  worker.on('message', (answer: WorkAnswer) => events.onAnswer(answer))
  worker.on('error', (error) => {
    cause = error
  })
  worker.on('exit', () => events.onEnd(new Error('the thread ended', { cause })))
  // A thread takes messages from the beginning.
  events.onReady()
  return {
    post: (message, transfer) => worker.postMessage(message, transfer),
    setBusy: (isBusy) => (isBusy ? worker.ref() : worker.unref()),
    async end() {
      await worker.terminate()
    },
  }
}
