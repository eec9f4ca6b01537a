import type { Clock } from '@orlop/protocol/clock'

interface Entry<V> {
  value: V
  loadedMs: number
}

export interface StaleCacheOptions {
  clock: Clock
  /** A value younger than this is given without asking. */
  freshMs: number
  /** Entries kept; the least recently loaded go first. */
  maxEntries: number
}

/** Values of the ledger for a while: asked for once by many callers, and given as they were last known when nobody answers. */
export class StaleCache<V> {
  readonly #options: StaleCacheOptions
  readonly #entries = new Map<string, Entry<V>>()
  readonly #loading = new Map<string, Promise<V>>()

  constructor(options: StaleCacheOptions) {
    this.#options = options
  }

  /**
   * @param load - asks the ledger.
   * @param isFresh - true asks the ledger in any case.
   * @throws what `load` throws, when nothing is known.
   */
  async get(key: string, load: () => Promise<V>, isFresh = false): Promise<V> {
    const known = this.#entries.get(key)
    const ageMs = this.#options.clock.monotonicMs() - (known?.loadedMs ?? -Infinity)
    if (known !== undefined && !isFresh && ageMs < this.#options.freshMs) return known.value
    try {
      return await this.#load(key, load)
    } catch (error) {
      if (known === undefined) throw error
      return known.value
    }
  }

  /** What is known without asking; undefined when nothing is. */
  peek(key: string): V | undefined {
    return this.#entries.get(key)?.value
  }

  set(key: string, value: V): void {
    this.#entries.delete(key)
    this.#entries.set(key, { value, loadedMs: this.#options.clock.monotonicMs() })
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= this.#options.maxEntries) break
      this.#entries.delete(oldest)
    }
  }

  /** Every known value. */
  values(): V[] {
    return [...this.#entries.values()].map(({ value }) => value)
  }

  async #load(key: string, load: () => Promise<V>): Promise<V> {
    const underWay = this.#loading.get(key)
    if (underWay !== undefined) return underWay
    const loading = load().finally(() => {
      this.#loading.delete(key)
    })
    this.#loading.set(key, loading)
    const value = await loading
    this.set(key, value)
    return value
  }
}
