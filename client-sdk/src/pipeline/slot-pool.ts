import { slotStock } from './slot-stock.ts'
import type { Slot } from './slot-stock.ts'

/**
 * Memory for the chunks in flight, taken once and used again. That a slot must be free before more is read is
 * what bounds memory, whatever the size of the object and however slow its sink.
 */
export class SlotPool {
  readonly #slotBytes: number
  readonly #limit: number
  readonly #free: Slot[] = []
  readonly #waiting: PromiseWithResolvers<Slot>[] = []
  readonly #made: Slot[] = []
  #failure: Error | null = null

  /** @param limit most slots at once. */
  constructor(slotBytes: number, limit: number) {
    this.#slotBytes = slotBytes
    this.#limit = limit
  }

  /** Waits for a free slot. @throws what was given to {@link fail} */
  async acquire(): Promise<Slot> {
    if (this.#failure !== null) throw this.#failure
    const free = this.#free.pop()
    if (free !== undefined) return free
    if (this.#made.length < this.#limit) {
      const made = slotStock.take(this.#slotBytes)
      this.#made.push(made)
      return made
    }
    const waiting = Promise.withResolvers<Slot>()
    this.#waiting.push(waiting)
    return waiting.promise
  }

  release(slot: Slot): void {
    const waiting = this.#waiting.shift()
    if (waiting === undefined) this.#free.push(slot)
    else waiting.resolve(slot)
  }

  /** Gives up a slot that somebody may still write to. */
  discard(slot: Slot): void {
    this.#made.splice(this.#made.indexOf(slot), 1)
  }

  /** Wakes everybody who waits for a slot that will never be free. */
  fail(error: Error): void {
    this.#failure = error
    for (const waiting of this.#waiting.splice(0)) waiting.reject(error)
  }

  /** Wipes all slots and gives them back. Nobody may use one any more. */
  close(): void {
    for (const slot of this.#made.splice(0)) slotStock.give(slot)
  }
}
