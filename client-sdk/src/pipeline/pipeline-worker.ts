import { isMainThread, parentPort } from 'node:worker_threads'

import type { Operation, ResultOf } from './operations.ts'
import type { WorkAnswer, WorkRequest } from './worker-thread.ts'
import { Workbench } from './workbench.ts'
import { toErrorRecord } from './work-error.ts'

/** A view may leave most of its buffer unused; then copying is cheaper than keeping all of it. */
const MAX_UNUSED_BYTES = 4096

function transferList(result: ResultOf<Operation>): ArrayBuffer[] {
  const buffers = new Set<ArrayBuffer>()
  for (const value of Object.values(result) as unknown[]) {
    if (!(value instanceof Uint8Array) || !(value.buffer instanceof ArrayBuffer)) continue
    if (value.buffer.byteLength - value.byteLength <= MAX_UNUSED_BYTES) buffers.add(value.buffer)
  }
  return [...buffers]
}

if (!isMainThread && parentPort !== null) {
  const port = parentPort
  const workbench = new Workbench()
  const answer = ({ id, operation, request }: WorkRequest): void => {
    try {
      const result = workbench.perform(operation, request)
      const message: WorkAnswer = { id, result }
      port.postMessage(message, transferList(result))
    } catch (error) {
      const message: WorkAnswer = { id, error: toErrorRecord(error) }
      port.postMessage(message)
    }
  }
  port.on('message', answer)
}
