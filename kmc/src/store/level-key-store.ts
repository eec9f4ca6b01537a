import { mkdir } from 'node:fs/promises'
import { ClassicLevel } from 'classic-level'
import pLimit from 'p-limit'
import { assertInteger, concat, u64be } from '@orlop/crypto/bytes'
import { KmcError } from '../kmc-error.ts'
import {
  assertTransaction,
  MAX_PAGE_ROWS,
  type Change,
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

const ROWS = 'row/'
const REVISION = 'revision'
const REVISION_BYTES = 8
/** Before and after every other key. */
const FIRST_EDGE = '!'
const LAST_EDGE = '~'

type Database = ClassicLevel<string, Uint8Array>
type Moment = ReturnType<Database['snapshot']>

/** Keeps rows in a folder, for one process. A transaction is on disk before it is acknowledged. */
export class LevelKeyStore implements KeyStore {
  readonly #database: Database
  readonly #watchers = new Watchers()
  // Conditions are checked and changes made with nobody in between.
  readonly #lock = pLimit(1)
  #revision: number

  private constructor(database: Database, revision: number) {
    this.#database = database
    this.#revision = revision
  }

  /**
   * Opens the store in a folder, which is made for its owner only when missing. LevelDB's lock on it ends with the process.
   *
   * @throws KmcError `STORE_LOCKED` when another process has it open; `STORE_FAILED` when it cannot be read.
   */
  static async open(folder: string): Promise<LevelKeyStore> {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    const database: Database = new ClassicLevel(folder, { valueEncoding: 'view' })
    try {
      await database.open()
      const bytes = await database.get(REVISION)
      return new LevelKeyStore(database, bytes === undefined ? 0 : readRevision(bytes))
    } catch (cause) {
      throw openFailed(folder, cause)
    }
  }

  async get(key: string): Promise<StoredRow | null> {
    const [row] = await this.getMany([key])
    return row ?? null
  }

  async getMany(keys: readonly string[]): Promise<(StoredRow | null)[]> {
    return this.#read(keys)
  }

  async snapshot(): Promise<StoreSnapshot> {
    const snapshot = await this.#attempt(() => Promise.resolve(this.#database.snapshot()))
    return { getMany: (keys) => this.#read(keys, snapshot), close: () => snapshot.close() }
  }

  async list({ prefix, after, limit }: ListRequest): Promise<StoredRow[]> {
    assertInteger('limit', limit, { min: 1, max: MAX_PAGE_ROWS })
    const isFurther = after !== undefined && after >= prefix
    const start = isFurther ? { gt: ROWS + after } : { gte: ROWS + prefix }
    const rows: StoredRow[] = []
    await this.#attempt(async () => {
      for await (const [key, value] of this.#database.iterator({ ...start, limit })) {
        if (!key.startsWith(ROWS + prefix)) break
        rows.push(readRow(key.slice(ROWS.length), value))
      }
    })
    return rows
  }

  async transact(transaction: Transaction): Promise<number | null> {
    assertTransaction(transaction)
    return this.#lock(async () => {
      const { conditions, changes } = transaction
      const rows = await this.getMany(conditions.map(({ key }) => key))
      const holds = conditions.every(({ revision }, at) => (rows[at]?.revision ?? 0) === revision)
      if (!holds) return null
      const revision = this.#revision + 1
      await this.#write(revision, changes)
      this.#revision = revision
      this.#watchers.tell(revision, changes)
      return revision
    })
  }

  watch(prefix: string, watcher: Watcher): Promise<Watch> {
    return this.#lock(() => {
      this.#assertOpen()
      return this.#watchers.add(prefix, watcher)
    })
  }

  async forgetHistory(): Promise<void> {
    await this.#attempt(async () => {
      // Deleted values stay in LevelDB's log and tables. This moves all of them to tables …
      await this.#database.compactRange(FIRST_EDGE, LAST_EDGE)
      // … of which the lowest are written anew, without them, only when newer ones lie over all of their range.
      const edges = [FIRST_EDGE, LAST_EDGE].map((key) => ({ key, value: new Uint8Array() }))
      await this.#database.batch(edges.map((edge) => ({ type: 'put', ...edge })))
      await this.#database.compactRange(FIRST_EDGE, LAST_EDGE)
    })
  }

  close(): Promise<void> {
    return this.#lock(async () => {
      await this.#database.close()
      this.#watchers.lose(storeClosed())
    })
  }

  async #read(keys: readonly string[], snapshot?: Moment): Promise<(StoredRow | null)[]> {
    assertInteger('keys', keys.length, { min: 0, max: MAX_PAGE_ROWS })
    const values = await this.#attempt(() =>
      this.#database.getMany(
        keys.map((key) => ROWS + key),
        { snapshot },
      ),
    )
    return keys.map((key, at) => {
      const value = values[at]
      return value === undefined ? null : readRow(key, value)
    })
  }

  async #write(revision: number, changes: readonly Change[]): Promise<void> {
    const head = u64be(revision)
    const operations = changes.map((change) =>
      change.type === 'delete'
        ? { type: 'del' as const, key: ROWS + change.key }
        : { type: 'put' as const, key: ROWS + change.key, value: concat(head, change.value) },
    )
    operations.push({ type: 'put', key: REVISION, value: head })
    await this.#attempt(() => this.#database.batch(operations, { sync: true }))
  }

  #assertOpen(): void {
    if (this.#database.status !== 'open') throw storeClosed()
  }

  async #attempt<T>(work: () => Promise<T>): Promise<T> {
    this.#assertOpen()
    try {
      return await work()
    } catch (cause) {
      throw new KmcError(
        'STORE_FAILED',
        'The store could not be read or written. Check the disk and start again; what was acknowledged is safe.',
        { cause },
      )
    }
  }
}

function readRow(key: string, bytes: Uint8Array): StoredRow {
  return { key, revision: readRevision(bytes), value: bytes.slice(REVISION_BYTES) }
}

function readRevision(bytes: Uint8Array): number {
  return Number(new DataView(bytes.buffer, bytes.byteOffset, bytes.length).getBigUint64(0))
}

function openFailed(folder: string, cause: unknown): KmcError {
  for (let error = cause; error instanceof Error; error = error.cause) {
    if ('code' in error && error.code === 'LEVEL_LOCKED') {
      return new KmcError(
        'STORE_LOCKED',
        `Another process has the store in ${folder} open. Stop it, or use another folder.`,
        { cause, details: { folder } },
      )
    }
  }
  return new KmcError(
    'STORE_FAILED',
    `The store in ${folder} cannot be opened. Check the disk; if the store is damaged, restore a backup.`,
    { cause, details: { folder } },
  )
}
