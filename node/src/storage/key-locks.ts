import pLimit, { type LimitFunction } from 'p-limit'

/** One task at a time for each name; names wait for nothing but themselves. */
export class KeyLocks {
  readonly #locks = new Map<string, LimitFunction>()

  async run<T>(name: string, task: () => Promise<T>): Promise<T> {
    const lock = this.#locks.get(name) ?? pLimit(1)
    this.#locks.set(name, lock)
    try {
      return await lock(task)
    } finally {
      if (lock.activeCount + lock.pendingCount === 0) this.#locks.delete(name)
    }
  }

  isBusy(name: string): boolean {
    return this.#locks.has(name)
  }

  /** Resolves when everything that runs or waits now has ended. */
  async idle(): Promise<void> {
    await Promise.all([...this.#locks.values()].map((lock) => lock(() => undefined)))
  }
}
