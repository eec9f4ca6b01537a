import type { HomeChange, HomeDatabase, KeyRange } from '../home/table.ts'
import { asStorageError, type PageStorage } from './page-storage.ts'

/** Records read in one go: other tabs and tasks get their turn in between. */
const PAGE_RECORDS = 64

/** The home's records in IndexedDB. */
export class PageDatabase implements HomeDatabase {
  readonly #storage: PageStorage
  readonly #onClose: () => Promise<void>

  /** @param onClose - called when the storage is closed. */
  constructor(storage: PageStorage, onClose: () => Promise<void>) {
    this.#storage = storage
    this.#onClose = onClose
  }

  async getMany(keys: string[]): Promise<(Uint8Array | undefined)[]> {
    const records = this.#storage.transaction('records').store
    return Promise.all(keys.map((key) => records.get(key)))
  }

  async batch(changes: HomeChange[]): Promise<void> {
    const transaction = this.#storage.transaction('records', 'readwrite', { durability: 'strict' })
    try {
      for (const change of changes) {
        // A view would be stored with all of the memory it looks into.
        if (change.type === 'put') void transaction.store.put(change.value.slice(), change.key)
        else void transaction.store.delete(change.key)
      }
      await transaction.done
    } catch (cause) {
      throw asStorageError(cause)
    }
  }

  async *iterator({ gt, lt }: KeyRange): AsyncGenerator<[key: string, value: Uint8Array]> {
    for (let after = gt; ;) {
      const range = IDBKeyRange.bound(after, lt, true, true)
      const records = this.#storage.transaction('records').store
      const [keys, values] = await Promise.all([
        records.getAllKeys(range, PAGE_RECORDS),
        records.getAll(range, PAGE_RECORDS),
      ])
      for (const [index, key] of keys.entries()) {
        const value = values[index]
        if (value !== undefined) yield [key, value]
      }
      const last = keys.at(-1)
      if (last === undefined || keys.length < PAGE_RECORDS) return
      after = last
    }
  }

  async clear({ gt, lt }: KeyRange): Promise<void> {
    await this.#storage.delete('records', IDBKeyRange.bound(gt, lt, true, true))
  }

  async close(): Promise<void> {
    this.#storage.close()
    await this.#onClose()
  }
}
