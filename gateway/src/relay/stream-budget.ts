/** How many streams all sessions together have open. */
export class StreamBudget {
  readonly #most: number
  #open = 0

  constructor(most: number) {
    this.#most = most
  }

  get open(): number {
    return this.#open
  }

  /** Counts one more. @returns what to call once when it ended; null when there is no room. */
  enter(): (() => void) | null {
    if (this.#open >= this.#most) return null
    this.#open += 1
    return () => {
      this.#open -= 1
    }
  }
}
