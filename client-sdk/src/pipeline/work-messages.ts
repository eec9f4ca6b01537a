import type { Operation, RequestOf, ResultOf } from './operations.ts'
import type { ErrorRecord } from './work-error.ts'

/** What is sent to a worker. */
export interface WorkRequest {
  readonly id: number
  readonly operation: Operation
  readonly request: RequestOf<Operation>
}

/** What a worker sends back. */
export type WorkAnswer =
  | { readonly id: number; readonly result: ResultOf<Operation> }
  | { readonly id: number; readonly error: ErrorRecord }
