import type { SpoolItem, SpoolSummary } from './spool.ts'

const RECENT = 100

/** Keeps a summary true with every change, so that telling it costs the same however many items there are. */
export class RunningSummary {
  readonly #counts = { queued: 0, storing: 0, stored: 0, recorded: 0, failed: 0, replaced: 0 }
  /** The newest first. */
  #recent: SpoolItem[] = []

  /** @param before - the item as it was; null for a new one. */
  note(before: SpoolItem | null, after: SpoolItem): void {
    if (before !== null) this.#counts[before.state]--
    this.#counts[after.state]++
    const at = this.#recent.findIndex(({ key }) => key === after.key)
    if (at >= 0) this.#recent[at] = after
    else if (before === null) this.#insert(after)
  }

  forget({ key, state }: SpoolItem): void {
    this.#counts[state]--
    this.#recent = this.#recent.filter((item) => item.key !== key)
  }

  read(): SpoolSummary {
    return { counts: { ...this.#counts }, recent: [...this.#recent] }
  }

  #insert(item: SpoolItem): void {
    const at = this.#recent.findIndex(({ foundMs }) => foundMs <= item.foundMs)
    this.#recent.splice(at < 0 ? this.#recent.length : at, 0, item)
    this.#recent.length = Math.min(this.#recent.length, RECENT)
  }
}
