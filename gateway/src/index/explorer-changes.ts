import type { ApiEvent } from '@orlop/protocol/api/service'

type Listener = (event: ApiEvent) => void

/** Tells whoever listens of what has changed in the index. */
export class ExplorerChanges {
  readonly #listeners = new Set<Listener>()

  /** @returns ends it. */
  subscribe(listener: Listener): () => void {
    // A function of its own each time, so that the same listener can be there twice and leave once.
    const own: Listener = (event) => {
      listener(event)
    }
    this.#listeners.add(own)
    return () => {
      this.#listeners.delete(own)
    }
  }

  emit(event: ApiEvent): void {
    for (const listener of this.#listeners) listener(event)
  }
}
