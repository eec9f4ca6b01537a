/**
 * Memory for the plaintext of the chunks in flight, taken once and used again. That a slot must be free before more is read is
 * what bounds memory, whatever the size of the object and however slow its sink.
 */
export class SlotPool {
  readonly #slotBytes: number
  readonly #limit: number
  readonly #free: Uint8Array[] = []
  readonly #waiting: PromiseWithResolvers<Uint8Array>[] = []
  #made = 0
  #failure: Error | null = null

  /** @param limit most slots at once. */
  constructor(slotBytes: number, limit: number) {
    this.#slotBytes = slotBytes
    this.#limit = limit
  }

  /** Waits for a free slot. @throws what was given to {@link fail} */
  async acquire(): Promise<Uint8Array> {
    if (this.#failure !== null) throw this.#failure
    const free = this.#free.pop()
    if (free !== undefined) return free
    if (this.#made < this.#limit) {
      this.#made += 1
      // Shared, so that a worker that seals and one that hashes read the same bytes without a copy.
      return new Uint8Array(new SharedArrayBuffer(this.#slotBytes))
    }
    const waiting = Promise.withResolvers<Uint8Array>()
    this.#waiting.push(waiting)
    return waiting.promise
  }

  release(slot: Uint8Array): void {
    const waiting = this.#waiting.shift()
    if (waiting === undefined) this.#free.push(slot)
    else waiting.resolve(slot)
  }

  /** Wakes everybody who waits for a slot that will never be free. */
  fail(error: Error): void {
    this.#failure = error
    for (const waiting of this.#waiting.splice(0)) waiting.reject(error)
  }
}
