import { OrlopError } from '@orlop/protocol/errors'
import type { ActionOptions } from './action-options.ts'

/** The calls of one client that are under way, so that closing it can end them. */
export class OpenCalls {
  readonly #stop = new AbortController()
  readonly #running = new Set<Promise<unknown>>()

  /**
   * Runs one call; its signal fires when the caller's does, or when the client is closed.
   *
   * @throws OrlopError `ABORTED` after {@link end}.
   */
  run<T>(call: (options: ActionOptions) => Promise<T>, options: ActionOptions = {}): Promise<T> {
    const closing = this.#stop.signal
    if (closing.aborted) {
      const text = 'The client is closed. Make a new one to go on.'
      return Promise.reject(new OrlopError('ABORTED', text))
    }
    const signal =
      options.signal === undefined ? closing : AbortSignal.any([options.signal, closing])
    const running = call({ ...options, signal })
    this.#running.add(running)
    void running.catch(() => undefined).finally(() => this.#running.delete(running))
    return running
  }

  /** Tells every call to stop and waits until all have. */
  async end(): Promise<void> {
    this.#stop.abort(new Error('the client is closed'))
    await Promise.allSettled(this.#running)
  }
}
