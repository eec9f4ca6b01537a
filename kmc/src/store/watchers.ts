import type { Change, StoreEvent, Watch } from './key-store.ts'

/** Those who watch a store within this process. */
export class Watchers {
  readonly #watchers = new Set<{ prefix: string; listener: (event: StoreEvent) => void }>()

  add(prefix: string, listener: (event: StoreEvent) => void): Watch {
    const watcher = { prefix, listener }
    this.#watchers.add(watcher)
    return { stop: () => this.#watchers.delete(watcher) }
  }

  tell(revision: number, changes: readonly Change[]): void {
    for (const { prefix, listener } of this.#watchers) {
      const seen = changes.filter(({ key }) => key.startsWith(prefix))
      if (seen.length > 0) listener({ revision, changes: seen })
    }
  }
}
