/** Lets one side wait until the other side says that something changed. Waiting costs no memory once it ended. */
export class ChangeSignal {
  #waiting = new Set<() => void>()

  /** Wakes everybody who waits. */
  notify(): void {
    const waiting = this.#waiting
    this.#waiting = new Set()
    for (const wake of waiting) wake()
  }

  /** Resolves at the next {@link notify}, or as soon as `signal` fires. */
  async wait(signal?: AbortSignal): Promise<void> {
    if (signal?.aborted === true) return
    const { promise, resolve } = Promise.withResolvers<undefined>()
    const wake = () => {
      resolve(undefined)
    }
    this.#waiting.add(wake)
    signal?.addEventListener('abort', wake)
    try {
      await promise
    } finally {
      this.#waiting.delete(wake)
      signal?.removeEventListener('abort', wake)
    }
  }
}
