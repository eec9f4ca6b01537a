import type { FoundFile, RankItem, Spool, SpoolItem, SpoolSummary, Urgency } from './spool.ts'
import { firstOf, isUnfinished, queuedItem } from './spool-item.ts'
import { RunningSummary } from './spool-summary.ts'

/** The spool without a disk, for tests. */
export class MemorySpool implements Spool {
  readonly #items = new Map<string, SpoolItem>()

  add(file: FoundFile, urgency: Urgency, foundMs: number): Promise<boolean> {
    const item = queuedItem(file, urgency, foundMs)
    if (this.#items.has(item.key)) return Promise.resolve(false)
    this.#items.set(item.key, item)
    return Promise.resolve(true)
  }

  next(rank: RankItem): Promise<SpoolItem | null> {
    return Promise.resolve(firstOf([...this.#items.values()].filter(isUnfinished), rank))
  }

  update(key: string, change: Partial<Omit<SpoolItem, 'key'>>): Promise<SpoolItem> {
    const item = this.#items.get(key)
    if (item === undefined) return Promise.reject(new RangeError(`spool: no item ${key}`))
    const updated = { ...item, ...change }
    this.#items.set(key, updated)
    return Promise.resolve(updated)
  }

  delete(keys: readonly string[]): Promise<void> {
    for (const key of keys) this.#items.delete(key)
    return Promise.resolve()
  }

  async *all(): AsyncIterable<SpoolItem> {
    yield* await Promise.resolve(
      [...this.#items.values()].sort((left, right) => left.foundMs - right.foundMs),
    )
  }

  summary(): SpoolSummary {
    const summary = new RunningSummary()
    for (const item of this.#items.values()) summary.note(null, item)
    return summary.read()
  }

  close(): Promise<void> {
    return Promise.resolve()
  }
}
