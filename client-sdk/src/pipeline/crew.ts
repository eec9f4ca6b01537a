import type { Operation, RequestOf, ResultOf } from './operations.ts'

/** Where the work on objects' bytes is done: in worker threads, or in the calling thread. */
export interface Crew {
  /** How many operations can be under way at once. */
  readonly width: number
  /**
   * Does one operation.
   *
   * @throws OrlopError for everything that data or keys can cause.
   */
  run<K extends Operation>(
    operation: K,
    request: RequestOf<K>,
    options?: RunOptions,
  ): Promise<ResultOf<K>>
  /** Wipes what was kept for an object, wherever it is kept. Call it when all its operations have ended. */
  release(contextId: number): Promise<void>
}

export interface RunOptions {
  /** Operations with the same number stay with one worker, in order, until that number is released. */
  readonly pin?: number
  /** Buffers that are handed over instead of copied: gone for the caller, unless the result brings them back. */
  readonly transfer?: readonly ArrayBuffer[]
}
