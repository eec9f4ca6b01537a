import type { KmcError } from '../kmc-error.ts'
import type { Change, Watch, Watcher } from './key-store.ts'

/** Those who watch a store within this process. */
export class Watchers {
  readonly #watchers = new Set<{ prefix: string; watcher: Watcher }>()

  add(prefix: string, watcher: Watcher): Watch {
    const one = { prefix, watcher }
    this.#watchers.add(one)
    return { stop: () => this.#watchers.delete(one) }
  }

  tell(revision: number, changes: readonly Change[]): void {
    for (const { prefix, watcher } of this.#watchers) {
      const seen = changes.filter(({ key }) => key.startsWith(prefix))
      if (seen.length > 0) watcher.changed({ revision, changes: seen })
    }
  }

  /** Says to all that they hear no more. */
  lose(error: KmcError): void {
    for (const { watcher } of this.#watchers) watcher.lost(error)
    this.#watchers.clear()
  }
}
