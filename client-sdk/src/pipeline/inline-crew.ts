import type { Crew } from './crew.ts'
import type { Operation, RequestOf, ResultOf } from './operations.ts'
import { toOrlopError } from './work-error.ts'
import { Workbench } from './workbench.ts'

/** Works in the calling thread: for objects so small that waking a worker would take longer. */
export class InlineCrew implements Crew {
  readonly width = 1
  readonly #workbench = new Workbench()

  run<K extends Operation>(operation: K, request: RequestOf<K>): Promise<ResultOf<K>> {
    try {
      return Promise.resolve(this.#workbench.perform(operation, request))
    } catch (error) {
      return Promise.reject(toOrlopError(error))
    }
  }

  async release(contextId: number): Promise<void> {
    await this.run('release', { contextId })
  }
}
