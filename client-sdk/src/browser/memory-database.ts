import { compareBytes, encodeUtf8 } from '@orlop/crypto/bytes'
import type { HomeChange, HomeDatabase, KeyRange } from '../home/table.ts'

/** The home's records in memory only: forgotten with the page. */
export class MemoryDatabase implements HomeDatabase {
  readonly #records = new Map<string, Uint8Array>()

  getMany(keys: string[]): Promise<(Uint8Array | undefined)[]> {
    return Promise.resolve(keys.map((key) => this.#records.get(key)?.slice()))
  }

  batch(changes: HomeChange[]): Promise<void> {
    for (const change of changes) {
      if (change.type === 'put') this.#records.set(change.key, change.value.slice())
      else this.#records.delete(change.key)
    }
    return Promise.resolve()
  }

  async *iterator(range: KeyRange): AsyncGenerator<[key: string, value: Uint8Array]> {
    for (const key of this.#keysIn(range)) {
      const [value] = await this.getMany([key])
      if (value !== undefined) yield [key, value]
    }
  }

  clear(range: KeyRange): Promise<void> {
    for (const key of this.#keysIn(range)) this.#records.delete(key)
    return Promise.resolve()
  }

  close(): Promise<void> {
    this.#records.clear()
    return Promise.resolve()
  }

  #keysIn({ gt, lt }: KeyRange): string[] {
    const isWithin = (key: string) => compareKeys(gt, key) < 0 && compareKeys(key, lt) < 0
    return [...this.#records.keys()].filter(isWithin).sort(compareKeys)
  }
}

function compareKeys(left: string, right: string): number {
  return compareBytes(encodeUtf8(left), encodeUtf8(right))
}
