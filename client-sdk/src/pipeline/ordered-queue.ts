/**
 * Results of work that runs at the same time, taken in the order in which it was begun. Whoever begins work waits for room first,
 * which bounds what is in flight.
 */
export class OrderedQueue<T> {
  readonly #limit: number
  readonly #items: Promise<T>[] = []
  #changed = Promise.withResolvers<undefined>()
  #taken = 0
  #isEnded = false
  #failure: Error | null = null

  /** @param limit most items begun and not yet done with by the taker. */
  constructor(limit: number) {
    this.#limit = limit
  }

  /** Waits until one more may be begun. @returns false when the taker wants no more. */
  async room(): Promise<boolean> {
    while (this.#items.length + this.#taken >= this.#limit && !this.#isEnded) {
      await this.#changed.promise
    }
    return !this.#isEnded
  }

  push(item: Promise<T>): void {
    // The taker hears of a failure in its turn, which may be long after it happened.
    item.catch(() => undefined)
    this.#items.push(item)
    this.#notify()
  }

  /** No more items come. */
  end(): void {
    this.#isEnded = true
    this.#notify()
  }

  /** No more items come, because of `error`, which the taker gets after the items before it. */
  fail(error: Error): void {
    this.#failure ??= error
    this.end()
  }

  /** Takes the items in order. An item counts as in flight until the next one is asked for. */
  async *take(): AsyncGenerator<T, void, undefined> {
    try {
      for (;;) {
        const item = this.#items.shift()
        if (item !== undefined) {
          this.#taken = 1
          yield await item
          this.#taken = 0
          this.#notify()
        } else if (this.#failure !== null) throw this.#failure
        else if (this.#isEnded) return
        else await this.#changed.promise
      }
    } finally {
      this.end()
    }
  }

  /** Settles when everything that was begun has ended, also what was never taken. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#items)
  }

  #notify(): void {
    this.#changed.resolve(undefined)
    this.#changed = Promise.withResolvers<undefined>()
  }
}
