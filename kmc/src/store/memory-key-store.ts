import { assertInteger, compareBytes, encodeUtf8 } from '@orlop/crypto/bytes'
import {
  assertTransaction,
  MAX_PAGE_ROWS,
  type KeyStore,
  type ListRequest,
  type StoredRow,
  type StoreSnapshot,
  storeClosed,
  type Transaction,
  type Watch,
  type Watcher,
} from './key-store.ts'
import { Watchers } from './watchers.ts'

/** Keeps rows for as long as the process lives: for tests. */
export class MemoryKeyStore implements KeyStore {
  readonly #rows = new Map<string, StoredRow>()
  readonly #watchers = new Watchers()
  #revision = 0
  #isClosed = false

  async get(key: string): Promise<StoredRow | null> {
    const [row] = await this.getMany([key])
    return row ?? null
  }

  async getMany(keys: readonly string[]): Promise<(StoredRow | null)[]> {
    return this.#read(this.#rows, keys)
  }

  async snapshot(): Promise<StoreSnapshot> {
    await this.#turn()
    const rows = new Map(this.#rows)
    return { getMany: (keys) => this.#read(rows, keys), close: () => Promise.resolve() }
  }

  async list({ prefix, after, limit }: ListRequest): Promise<StoredRow[]> {
    assertInteger('limit', limit, { min: 1, max: MAX_PAGE_ROWS })
    await this.#turn()
    const rows = [...this.#rows.values()].filter(({ key }) => key.startsWith(prefix))
    rows.sort((left, right) => compareKeys(left.key, right.key))
    const rest = after === undefined ? rows : rows.filter(({ key }) => compareKeys(key, after) > 0)
    return rest.slice(0, limit).map((row) => ({ ...row, value: row.value.slice() }))
  }

  async transact(transaction: Transaction): Promise<number | null> {
    assertTransaction(transaction)
    await this.#turn()
    const { conditions, changes } = transaction
    const holds = conditions.every(
      ({ key, revision }) => (this.#rows.get(key)?.revision ?? 0) === revision,
    )
    if (!holds) return null
    this.#revision += 1
    for (const change of changes) {
      if (change.type === 'delete') this.#rows.delete(change.key)
      else {
        const { key, value } = change
        this.#rows.set(key, { key, value: value.slice(), revision: this.#revision })
      }
    }
    this.#watchers.tell(this.#revision, changes)
    return this.#revision
  }

  async watch(prefix: string, watcher: Watcher): Promise<Watch> {
    await this.#turn()
    return this.#watchers.add(prefix, watcher)
  }

  async forgetHistory(): Promise<void> {
    await this.#turn()
  }

  close(): Promise<void> {
    this.#isClosed = true
    this.#watchers.lose(storeClosed())
    return Promise.resolve()
  }

  async #read(
    rows: ReadonlyMap<string, StoredRow>,
    keys: readonly string[],
  ): Promise<(StoredRow | null)[]> {
    assertInteger('keys', keys.length, { min: 0, max: MAX_PAGE_ROWS })
    await this.#turn()
    return keys.map((key) => copy(rows.get(key)))
  }

  /** Gives others a turn first, as a store on disk would. */
  async #turn(): Promise<void> {
    await Promise.resolve()
    if (this.#isClosed) throw storeClosed()
  }
}

function compareKeys(left: string, right: string): number {
  return compareBytes(encodeUtf8(left), encodeUtf8(right))
}

function copy(row: StoredRow | undefined): StoredRow | null {
  return row === undefined ? null : { ...row, value: row.value.slice() }
}
