import type { Operation, ResultOf } from './operations.ts'
import { toErrorRecord } from './work-error.ts'
import type { WorkAnswer, WorkRequest } from './work-messages.ts'
import type { Workbench } from './workbench.ts'

/** An answer and the memory that goes with it. */
export interface PostedAnswer {
  readonly message: WorkAnswer
  readonly transfer: ArrayBuffer[]
}

/**
 * Does the work of one message in a worker.
 *
 * @param keptBytes memory of at most this length is copied instead of handed over.
 */
export function answerWork(
  workbench: Workbench,
  { id, operation, request }: WorkRequest,
  keptBytes: number,
): PostedAnswer {
  try {
    const result = workbench.perform(operation, request)
    return { message: { id, result }, transfer: transferList(result, keptBytes) }
  } catch (error) {
    return { message: { id, error: toErrorRecord(error) }, transfer: [] }
  }
}

function transferList(result: ResultOf<Operation>, keptBytes: number): ArrayBuffer[] {
  const buffers = new Set<ArrayBuffer>()
  for (const value of Object.values(result) as unknown[]) {
    if (!(value instanceof Uint8Array) || !(value.buffer instanceof ArrayBuffer)) continue
    if (value.buffer.byteLength > keptBytes) buffers.add(value.buffer)
  }
  return [...buffers]
}
