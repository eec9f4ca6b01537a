import type { WorkAnswer, WorkRequest } from '../pipeline/work-messages.ts'
import type { StartWorker, WorkerEvents, WorkerPort } from '../pipeline/worker-port.ts'
import { SOFTWARE } from '../software.ts'
import { workerGreeting } from './worker-greeting.ts'

/** What is used of a web worker (HTML, 10.2.6.3). */
export interface WebWorker {
  postMessage(message: unknown, transfer: ArrayBuffer[]): void
  addEventListener(
    type: 'message' | 'messageerror' | 'error',
    listener: (event: WebWorkerEvent) => void,
  ): void
  terminate(): void
}

export interface WebWorkerEvent {
  readonly type: string
  /** Of a message. */
  readonly data?: unknown
  /** Of an error, where the browser says anything. */
  readonly message?: string
}

export interface WebWorkerOptions {
  /** Makes a worker, or throws. */
  readonly make: () => WebWorker
  /** The page's origin: a worker of another one gets nothing. */
  readonly origin: string
  /** How long a worker may take until it says that it is there, in ms. */
  readonly startTimeoutMs: number
}

/** Starts web workers. Nothing is sent to one before it has said that it runs this very software in the page's own origin. */
export function webWorkerStarter(options: WebWorkerOptions): StartWorker {
  return (events) => new WebWorkerPort(options, events)
}

interface WaitingPost {
  readonly message: WorkRequest
  readonly transfer: readonly ArrayBuffer[]
}

class WebWorkerPort implements WorkerPort {
  readonly #origin: string
  readonly #events: WorkerEvents
  readonly #timer: ReturnType<typeof setTimeout>
  readonly #worker: WebWorker | null
  /** What is to be sent once the worker is there. */
  readonly #waiting: WaitingPost[] = []
  #state: 'starting' | 'ready' | 'ended' = 'starting'

  constructor({ make, origin, startTimeoutMs }: WebWorkerOptions, events: WorkerEvents) {
    this.#origin = origin
    this.#events = events
    const late = new Error(`it said nothing within ${startTimeoutMs} ms`)
    this.#timer = setTimeout(() => this.#end(late), startTimeoutMs)
    this.#worker = this.#make(make)
  }

  post(message: WorkRequest, transfer: readonly ArrayBuffer[]): void {
    if (this.#state === 'ready') this.#worker?.postMessage(message, [...transfer])
    else this.#waiting.push({ message, transfer })
  }

  setBusy(): void {
    // A page lives as long as its reader wants.
  }

  end(): Promise<void> {
    this.#end(new Error('it was stopped'))
    return Promise.resolve()
  }

  #make(make: () => WebWorker): WebWorker | null {
    try {
      const worker = make()
      worker.addEventListener('message', ({ data }) => this.#hear(data))
      worker.addEventListener('error', ({ message }) =>
        // A script that is not there, or that the page's policy forbids, comes without a message.
        this.#end(new Error(message ?? 'its script was not found, or is forbidden')),
      )
      worker.addEventListener('messageerror', () => this.#end(new Error('it was not understood')))
      return worker
    } catch (cause) {
      const reason = cause instanceof Error ? cause : new Error(String(cause))
      queueMicrotask(() => this.#end(reason))
      return null
    }
  }

  #hear(data: unknown): void {
    if (this.#state === 'ready') this.#events.onAnswer(data as WorkAnswer)
    else if (this.#state === 'starting') this.#greet(data)
  }

  #greet(data: unknown): void {
    const greeting = workerGreeting.safeParse(data).data
    if (greeting?.software !== SOFTWARE || greeting.origin !== this.#origin) {
      const { software = 'another script', origin = 'an unknown origin' } = greeting ?? {}
      this.#end(new Error(`it runs ${software} of ${origin} where the page is ${SOFTWARE}`))
      return
    }
    clearTimeout(this.#timer)
    this.#state = 'ready'
    for (const { message, transfer } of this.#waiting.splice(0)) this.post(message, transfer)
    this.#events.onReady()
  }

  #end(cause: Error): void {
    if (this.#state === 'ended') return
    this.#state = 'ended'
    clearTimeout(this.#timer)
    this.#worker?.terminate()
    this.#waiting.length = 0
    this.#events.onEnd(cause)
  }
}
