import { getCompileCacheDir } from 'node:module'
import { Worker } from 'node:worker_threads'

import { OrlopError } from '@orlop/protocol/errors'

import type { RunOptions } from './crew.ts'
import type { Operation, RequestOf, ResultOf } from './operations.ts'
import { fromErrorRecord } from './work-error.ts'
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

interface Pending {
  readonly cost: number
  readonly resolve: (result: ResultOf<Operation>) => void
  readonly reject: (error: OrlopError) => void
}

/** What a worker is told when it starts. */
export interface WorkerSettings {
  /** Where this process keeps compiled modules; null when it does not. */
  readonly compileCacheFolder: string | null
}

function settings(): WorkerSettings {
  return { compileCacheFolder: getCompileCacheDir() ?? null }
}

/** Roughly what an operation takes, in units of hashing a chunk. */
const COSTS: Readonly<Record<Operation, number>> = {
  seal: 3,
  open: 3,
  leaves: 2,
  hash: 1,
  digest: 0,
  release: 0,
}

/** A thread's work lies in buffers; the little else that it makes needs no 48 MiB to die in, which are the default. */
const YOUNG_MEMORY_MIB = 4

const ENTRY = import.meta.url.endsWith('.ts') ? './pipeline-worker.ts' : './pipeline-worker.js'

/** One worker thread and the operations that wait for it. It keeps the process alive only while there are any. */
export class WorkerThread {
  readonly #worker = new Worker(new URL(ENTRY, import.meta.url), {
    workerData: settings(),
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MEMORY_MIB },
  })
  readonly #pending = new Map<number, Pending>()
  readonly #onEnd: (thread: WorkerThread) => void
  #nextId = 0
  #load = 0

  /** @param onEnd called once when the thread has ended, for whatever reason. */
  constructor(onEnd: (thread: WorkerThread) => void) {
    this.#onEnd = onEnd
    this.#worker.unref()
    this.#worker.on('message', (answer: WorkAnswer) => this.#settle(answer))
    this.#worker.on('error', (cause) => this.#failAll(cause))
    this.#worker.on('exit', () => {
      this.#failAll(new Error('the thread ended'))
      this.#onEnd(this)
    })
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
      this.#worker.postMessage(message, options.transfer ?? [])
      this.#pending.set(id, { cost, resolve: resolve, reject })
      this.#load += cost
      this.#worker.ref()
    })
  }

  /** Ends the thread; operations that wait fail. */
  async stop(): Promise<void> {
    await this.#worker.terminate()
  }

  #settle(answer: WorkAnswer): void {
    const pending = this.#pending.get(answer.id)
    if (pending === undefined) return
    this.#pending.delete(answer.id)
    this.#load -= pending.cost
    if (this.isIdle) this.#worker.unref()
    if ('error' in answer) pending.reject(fromErrorRecord(answer.error))
    else pending.resolve(answer.result)
  }

  #failAll(cause: unknown): void {
    for (const { reject } of this.#pending.values()) {
      reject(
        new OrlopError(
          'INTERNAL',
          'A worker thread ended in the middle of its work. Try again; if it happens again, give the process more memory.',
          { cause },
        ),
      )
    }
    this.#pending.clear()
    this.#load = 0
  }
}
