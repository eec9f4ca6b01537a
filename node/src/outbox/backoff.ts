export interface BackoffOptions {
  /** First delay. */
  startMs: number
  /** No delay is longer. */
  ceilingMs: number
}

/**
 * Growing delays between attempts: doubled each time up to a ceiling, and spread evenly over the upper half, so that nodes that
 * lost the same ledger do not come back in step.
 */
export class Backoff {
  readonly #options: BackoffOptions
  readonly #random: () => number
  #failures = 0

  /** @param random - evenly spread over 0 (included) to 1. */
  constructor(options: BackoffOptions, random: () => number) {
    this.#options = options
    this.#random = random
  }

  /** The delay after one more failure. */
  nextMs(): number {
    this.#failures += 1
    return this.delayMs(this.#failures)
  }

  /** The delay after so many failures. */
  delayMs(failures: number): number {
    const { startMs, ceilingMs } = this.#options
    const fullMs = Math.min(ceilingMs, startMs * 2 ** Math.min(failures - 1, 40))
    return Math.ceil(fullMs * (0.5 + this.#random() / 2))
  }

  reset(): void {
    this.#failures = 0
  }
}
