import { checkData } from './check-card-request.ts'
import type { CardHash } from './card.ts'

/** Gives a device's hash its pieces one after the other, however the caller awaits them. */
export class OrderedHash implements CardHash {
  readonly #inner: CardHash
  #last: Promise<unknown> = Promise.resolve()
  #hasEnded = false

  constructor(inner: CardHash) {
    this.#inner = inner
  }

  async update(data: Uint8Array): Promise<void> {
    checkData(data)
    await this.#next(() => this.#inner.update(data))
  }

  async digest(): Promise<Uint8Array<ArrayBuffer>> {
    const digest = this.#next(() => this.#inner.digest())
    this.#hasEnded = true
    try {
      return await digest
    } catch (error) {
      await this.#inner.dispose()
      throw error
    }
  }

  async dispose(): Promise<void> {
    this.#hasEnded = true
    await this.#last.catch(() => undefined)
    await this.#inner.dispose()
  }

  #next<Result>(step: () => Promise<Result>): Promise<Result> {
    if (this.#hasEnded) throw new TypeError('hash: it has ended; begin another')
    const result = this.#last.then(step)
    // A failed piece fails every later one, and so the digest: whoever awaits only that still learns of it.
    result.catch(() => undefined)
    this.#last = result
    return result
  }
}
