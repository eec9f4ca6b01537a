import type { Clock } from '@orlop/protocol/clock'
import { OrlopError } from '@orlop/protocol/errors'

export interface RateLimiterOptions {
  clock: Clock
  /** Calls allowed at once. */
  burst: number
  /** Calls that become allowed again in a minute. */
  perMinute: number
  /** What is limited, for the refusal's sentence. */
  what: string
}

const MAX_BUCKETS = 20_000

/** So many calls a minute for each name (token bucket). */
export class RateLimiter {
  readonly #options: RateLimiterOptions
  readonly #buckets = new Map<string, { tokens: number; atMs: number }>()

  constructor(options: RateLimiterOptions) {
    this.#options = options
  }

  /** @throws OrlopError `PEER_LIMIT` when `name` has used up its calls for now. */
  take(name: string): void {
    const { clock, burst, perMinute, what } = this.#options
    const atMs = clock.monotonicMs()
    const before = this.#buckets.get(name) ?? { tokens: burst, atMs }
    const refilled = before.tokens + ((atMs - before.atMs) * perMinute) / 60_000
    const tokens = Math.min(burst, refilled)
    if (tokens < 1) {
      const retryAfterMs = Math.ceil(((1 - tokens) * 60_000) / perMinute)
      throw new OrlopError(
        'PEER_LIMIT',
        `Too many ${what} in a short time. Try again in ${retryAfterMs} ms.`,
        { details: { retryAfterMs } },
      )
    }
    this.#buckets.delete(name)
    this.#buckets.set(name, { tokens: tokens - 1, atMs })
    const oldest = this.#buckets.keys().next()
    if (this.#buckets.size > MAX_BUCKETS && oldest.done !== true) {
      this.#buckets.delete(oldest.value)
    }
  }
}
