import type { Importance } from '@orlop/protocol/data-classes'
import type { FoundFile, Spool, SpoolItem } from './spool.ts'
import { compareUrgency, isWaiting, queuedItem } from './spool-item.ts'

/** The spool without a disk, for tests. */
export class MemorySpool implements Spool {
  readonly #items = new Map<string, SpoolItem>()

  add(file: FoundFile, importance: Importance, foundMs: number): Promise<boolean> {
    const item = queuedItem(file, importance, foundMs)
    if (this.#items.has(item.key)) return Promise.resolve(false)
    this.#items.set(item.key, item)
    return Promise.resolve(true)
  }

  next(): Promise<SpoolItem | null> {
    const waiting = [...this.#items.values()].filter(isWaiting).sort(compareUrgency)
    return Promise.resolve(waiting[0] ?? null)
  }

  update(key: string, change: Partial<Omit<SpoolItem, 'key'>>): Promise<SpoolItem> {
    const item = this.#items.get(key)
    if (item === undefined) return Promise.reject(new RangeError(`spool: no item ${key}`))
    const updated = { ...item, ...change }
    this.#items.set(key, updated)
    return Promise.resolve(updated)
  }

  async *all(): AsyncIterable<SpoolItem> {
    yield* await Promise.resolve(
      [...this.#items.values()].sort((left, right) => left.foundMs - right.foundMs),
    )
  }

  close(): Promise<void> {
    return Promise.resolve()
  }
}
