import { enableCompileCache } from 'node:module'
import { parentPort, workerData } from 'node:worker_threads'

import type { ThreadSettings } from './start-thread.ts'
import type { WorkRequest } from './work-messages.ts'

const { compileCacheFolder } = workerData as ThreadSettings
// A thread does not take this over from the process by itself; with it, the imports below take half the time.
if (compileCacheFolder !== null) enableCompileCache(compileCacheFolder)
const { Workbench } = await import('./workbench.ts')
const { answerWork } = await import('./answer-work.ts')

const workbench = new Workbench()

parentPort?.on('message', (request: WorkRequest) => {
  // Smaller memory may lie in the pool that Node's small buffers share, which cannot be handed over.
  const { message, transfer } = answerWork(workbench, request, Buffer.poolSize)
  parentPort?.postMessage(message, transfer)
})
