import type { Logger } from '@orlop/protocol/logger'
import type { Crew, RunOptions } from '../pipeline/crew.ts'
import type { Operation, RequestOf, ResultOf } from '../pipeline/operations.ts'
import type { WorkerCrew } from '../pipeline/worker-crew.ts'

export interface WebCrewOptions {
  readonly workers: WorkerCrew
  /** Works where there are no workers. */
  readonly page: Crew
  readonly logger: Logger
}

/**
 * Works in web workers; where none can be had, in the page's own thread, which is logged, and for as long as this crew is used. Whether
 * there are any is found out when there is work first.
 */
export class WebCrew implements Crew {
  readonly width: number
  readonly #workers: WorkerCrew
  readonly #page: Crew
  readonly #logger: Logger
  #isGivenUp = false
  #turn: Promise<Crew>

  constructor({ workers, page, logger }: WebCrewOptions) {
    this.width = workers.width
    this.#workers = workers
    this.#page = page
    this.#logger = logger
    this.#turn = Promise.resolve(page)
  }

  async run<K extends Operation>(
    operation: K,
    request: RequestOf<K>,
    options: RunOptions = {},
  ): Promise<ResultOf<K>> {
    // One after the other, so that operations are begun in the order in which they were asked for.
    this.#turn = this.#turn.then(() => this.#choose())
    const crew = await this.#turn
    return crew.run(operation, request, options)
  }

  async release(contextId: number): Promise<void> {
    await this.#turn
    await Promise.all([this.#workers.release(contextId), this.#page.release(contextId)])
  }

  async #choose(): Promise<Crew> {
    if (this.#isGivenUp) return this.#page
    if (this.#workers.workerCount > 0) return this.#workers
    this.#workers.warm()
    const failure = await this.#workers.whenReady()
    if (failure === null) return this.#workers
    this.#isGivenUp = true
    const reason = failure.message
    this.#logger.warn({ reason }, 'no web workers: sealing and opening stop the page for moments')
    return this.#page
  }
}
