import { compareBytes } from '@orlop/crypto/bytes'
import { OFFER_WINDOW_MS } from '@orlop/protocol/limits'
import type { Timers } from '../outbox/timers.ts'

export interface OfferTurn {
  requestTimeMs: number
  /** EIP-712 digest of the offer: decides between equal times. */
  digest: Uint8Array
}

interface Waiting extends OfferTurn {
  begin: () => Promise<void>
}

export interface OfferQueueOptions {
  timers: Timers
  /** Default `OFFER_WINDOW_MS`. */
  windowMs?: number
}

/** Offers are decided one by one in the order of their request time, among those pending in the same window (formats 7). */
export class OfferQueue {
  readonly #timers: Timers
  readonly #windowMs: number
  #pending: Waiting[] = []
  #deciding: Promise<void> = Promise.resolve()

  constructor(options: OfferQueueOptions) {
    this.#timers = options.timers
    this.#windowMs = options.windowMs ?? OFFER_WINDOW_MS
  }

  /** Runs `decide` when it is this offer's turn. */
  async take<T>(turn: OfferTurn, decide: () => Promise<T>): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>()
    const begin = () => decide().then(resolve, reject)
    this.#pending.push({ ...turn, begin })
    if (this.#pending.length === 1) this.#openWindow()
    return promise
  }

  #openWindow(): void {
    void this.#timers.wait(this.#windowMs, new AbortController().signal).then(() => {
      const window = this.#pending.sort(inOrder)
      this.#pending = []
      this.#deciding = this.#deciding.then(async () => {
        for (const { begin } of window) await begin()
      })
    })
  }
}

function inOrder(left: OfferTurn, right: OfferTurn): number {
  return left.requestTimeMs - right.requestTimeMs || compareBytes(left.digest, right.digest)
}
