import { MessageChannel, type MessagePort } from 'node:worker_threads'
import { serveWork, type WorkerScope } from './serve-work.ts'

export const FAKE_ORIGIN = 'https://vault.example'

export interface FakeWorkerOptions {
  /** The worker's script; that of our own when left out. */
  readonly script?: (scope: WorkerScope) => void
  readonly origin?: string
}

/**
 * A web worker for tests in Node: its script runs in this thread, but messages go through a channel, where memory is handed over or
 * copied as between threads.
 */
export class FakeWorker extends EventTarget {
  /** What was posted to it, in order, as it was posted. */
  readonly posted: { readonly data: unknown; readonly transfer: readonly ArrayBuffer[] }[] = []
  readonly #page: MessagePort
  isTerminated = false

  constructor({ script = serveWork, origin = FAKE_ORIGIN }: FakeWorkerOptions = {}) {
    super()
    const { port1: page, port2: own } = new MessageChannel()
    this.#page = page
    page.on('message', (data: unknown) => this.dispatchEvent(new MessageEvent('message', { data })))
    const scope: WorkerScope = {
      origin,
      postMessage: (message, transfer) => own.postMessage(message, transfer),
      addEventListener: (_, listener) => own.on('message', (data) => listener({ data })),
    }
    // A script runs after its worker was made.
    setImmediate(() => {
      if (!this.isTerminated) script(scope)
    })
  }

  postMessage(data: unknown, transfer: ArrayBuffer[]): void {
    this.posted.push({ data, transfer })
    this.#page.postMessage(data, transfer)
  }

  terminate(): void {
    this.isTerminated = true
    this.#page.close()
  }

  /** As when its script throws. */
  fail(message: string): void {
    this.dispatchEvent(Object.assign(new Event('error'), { message }))
  }
}
