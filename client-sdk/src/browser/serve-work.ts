import { wipe } from '@orlop/crypto/bytes'
import { loadZstdCompressor } from '../compress/zstd-codec-portable.ts'
import { answerWork } from '../pipeline/answer-work.ts'
import { isShared } from '../pipeline/shared-memory.ts'
import { toErrorRecord } from '../pipeline/work-error.ts'
import type { WorkAnswer, WorkRequest } from '../pipeline/work-messages.ts'
import { Workbench } from '../pipeline/workbench.ts'
import { SOFTWARE } from '../software.ts'
import type { WorkerGreeting } from './worker-greeting.ts'

/** Less memory is copied sooner than it is handed over. */
const COPIED_BYTES = 64 * 1024

/** What a web worker has of its global scope, as far as it is used here (HTML, 10.2.1.2). */
export interface WorkerScope {
  readonly origin: string
  postMessage(message: WorkAnswer | WorkerGreeting, transfer?: ArrayBuffer[]): void
  addEventListener(type: 'message', listener: (event: { readonly data: unknown }) => void): void
}

/** Makes a web worker one of a crew: it says that it is there, and does what it is sent, in that order. */
export function serveWork(scope: WorkerScope): void {
  const workbench = new Workbench()
  let turn = Promise.resolve()
  scope.addEventListener('message', ({ data }) => {
    const work = data as WorkRequest
    turn = turn.then(() => serve(scope, workbench, work))
  })
  scope.postMessage({ software: SOFTWARE, origin: scope.origin })
}

async function serve(scope: WorkerScope, workbench: Workbench, work: WorkRequest): Promise<void> {
  const { request } = work
  if ('compression' in request && request.compression.codec === 'zstd') await loadZstdCompressor()
  const { message, transfer } = answerWork(workbench, work, COPIED_BYTES)
  if ('context' in request && !isShared(request.context.dataKey)) wipe(request.context.dataKey)
  try {
    scope.postMessage(message, transfer)
  } catch (error) {
    scope.postMessage({ id: work.id, error: toErrorRecord(error) })
  }
}
