import { enableCompileCache } from 'node:module'
import { parentPort, workerData } from 'node:worker_threads'

import type { Operation, ResultOf } from './operations.ts'
import type { WorkAnswer, WorkerSettings, WorkRequest } from './worker-thread.ts'

const { compileCacheFolder } = workerData as WorkerSettings
// A thread does not take this over from the process by itself; with it, the imports below take half the time.
if (compileCacheFolder !== null) enableCompileCache(compileCacheFolder)
const { Workbench } = await import('./workbench.ts')
const { toErrorRecord } = await import('./work-error.ts')

const workbench = new Workbench()

parentPort?.on('message', ({ id, operation, request }: WorkRequest) => {
  try {
    const result = workbench.perform(operation, request)
    answer({ id, result }, transferList(result))
  } catch (error) {
    answer({ id, error: toErrorRecord(error) }, [])
  }
})

function answer(message: WorkAnswer, transfer: ArrayBuffer[]): void {
  parentPort?.postMessage(message, transfer)
}

function transferList(result: ResultOf<Operation>): ArrayBuffer[] {
  const buffers = new Set<ArrayBuffer>()
  for (const value of Object.values(result) as unknown[]) {
    if (!(value instanceof Uint8Array) || !(value.buffer instanceof ArrayBuffer)) continue
    // Smaller ones may lie in the pool that Node's small buffers share, which cannot be handed over.
    if (value.buffer.byteLength > Buffer.poolSize) buffers.add(value.buffer)
  }
  return [...buffers]
}
