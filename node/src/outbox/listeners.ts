/** Who wants to hear of events. A listener must not throw. */
export class Listeners<E> {
  readonly #listeners = new Set<(event: E) => void>()

  /** @returns what ends the subscription. */
  add(listener: (event: E) => void): () => void {
    // A fresh function, so that the same listener added twice is heard twice and each removed on its own.
    const own = (event: E) => {
      listener(event)
    }
    this.#listeners.add(own)
    return () => {
      this.#listeners.delete(own)
    }
  }

  emit(event: E): void {
    for (const listener of [...this.#listeners]) listener(event)
  }
}
