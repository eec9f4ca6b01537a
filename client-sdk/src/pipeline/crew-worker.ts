import { OrlopError } from '@orlop/protocol/errors'

import type { RunOptions } from './crew.ts'
import type { Operation, RequestOf, ResultOf } from './operations.ts'
import { fromErrorRecord } from './work-error.ts'
import type { WorkAnswer, WorkRequest } from './work-messages.ts'
import type { StartWorker, WorkerPort } from './worker-port.ts'

interface Pending {
  readonly cost: number
  readonly resolve: (result: ResultOf<Operation>) => void
  readonly reject: (error: OrlopError) => void
}

/** Roughly what an operation takes, in units of hashing a chunk. */
const COSTS: Readonly<Record<Operation, number>> = {
  seal: 3,
  encode: 2,
  chaos: 2,
  open: 3,
  leaves: 2,
  hash: 1,
  digest: 0,
  release: 0,
}

/** One worker and the operations that wait for it. */
export class CrewWorker {
  readonly #port: WorkerPort
  readonly #pending = new Map<number, Pending>()
  readonly #started = Promise.withResolvers<Error | null>()
  #isReady = false
  #isEnding = false
  #nextId = 0
  #load = 0

  /** @param onEnd called once when the worker has ended, for whatever reason. */
  constructor(start: StartWorker, onEnd: (worker: CrewWorker) => void) {
    this.#port = start({
      onReady: () => {
        this.#isReady = true
        this.#started.resolve(null)
      },
      onAnswer: (answer) => this.#settle(answer),
      onEnd: (cause) => {
        this.#started.resolve(cause)
        this.#failAll(cause)
        onEnd(this)
      },
    })
  }

  get isReady(): boolean {
    return this.#isReady
  }

  /** Whether it was told to end: it takes no work any more, though it is still there for a moment. */
  get isEnding(): boolean {
    return this.#isEnding
  }

  /** Null once the worker is ready; why, when it ended before. */
  get started(): Promise<Error | null> {
    return this.#started.promise
  }

  /** Estimated work that waits, 0 when there is none. */
  get load(): number {
    return this.#load
  }

  get isIdle(): boolean {
    return this.#pending.size === 0
  }

  run<K extends Operation>(
    operation: K,
    request: RequestOf<K>,
    options: RunOptions,
  ): Promise<ResultOf<K>> {
    return new Promise<ResultOf<K>>((resolve, reject) => {
      const id = this.#nextId++
      const cost = COSTS[operation]
      const message: WorkRequest = { id, operation, request }
      this.#port.post(message, options.transfer ?? [])
      this.#pending.set(id, { cost, resolve: resolve, reject })
      this.#load += cost
      this.#port.setBusy(true)
    })
  }

  /** Ends the worker; operations that wait fail. */
  async stop(): Promise<void> {
    this.#isEnding = true
    await this.#port.end()
  }

  #settle(answer: WorkAnswer): void {
    const pending = this.#pending.get(answer.id)
    if (pending === undefined) return
    this.#pending.delete(answer.id)
    this.#load -= pending.cost
    if (this.isIdle) this.#port.setBusy(false)
    if ('error' in answer) pending.reject(fromErrorRecord(answer.error))
    else pending.resolve(answer.result)
  }

  #failAll(cause: Error): void {
    for (const { reject } of this.#pending.values()) {
      reject(
        new OrlopError(
          'INTERNAL',
          'A worker ended in the middle of its work. Try again; if it happens again, make more memory available.',
          { cause },
        ),
      )
    }
    this.#pending.clear()
    this.#load = 0
  }
}
