import type * as z from 'zod'
import { decodeCbor, encodeCbor, type CborValue } from '@orlop/crypto/format/cbor'
import { OrlopError } from '@orlop/protocol/errors'

/** One change of the database. */
export type HomeChange =
  | { readonly type: 'put'; readonly key: string; readonly value: Uint8Array }
  | { readonly type: 'del'; readonly key: string }

/** Keys between two others, both exclusive, in the order of their UTF-8 bytes. */
export interface KeyRange {
  readonly gt: string
  readonly lt: string
}

/** The one database of a client's home: keys are text, values canonical CBOR. Node has it in LevelDB, a web page in IndexedDB. */
export interface HomeDatabase {
  /** The value of each key; undefined where there is none. */
  getMany(keys: string[]): Promise<(Uint8Array | undefined)[]>
  /** Makes all changes or none; with `sync` they are on disk when this resolves. */
  batch(changes: HomeChange[], options: { readonly sync: true }): Promise<void>
  iterator(range: KeyRange): AsyncIterable<[key: string, value: Uint8Array]>
  clear(range: KeyRange): Promise<void>
  close(): Promise<void>
}

/** Longest record of any table; far above the largest (an upload with its envelope). */
const MAX_RECORD_BYTES = 20 * 1024 * 1024

/** Options of {@link RecordTable}. */
export interface RecordTableOptions<T> {
  /** Prefix of every key, without the separating slash. */
  readonly name: string
  readonly schema: z.ZodType<T>
}

/** One kind of record in the home database. Records are checked when they are read, since another version may have written them. */
export class RecordTable<T> {
  readonly #database: HomeDatabase
  readonly #name: string
  readonly #schema: z.ZodType<T>

  constructor(database: HomeDatabase, options: RecordTableOptions<T>) {
    this.#database = database
    this.#name = options.name
    this.#schema = options.schema
  }

  /** The record of `key`; null when there is none. @throws OrlopError `VERSION_UNSUPPORTED` when it cannot be understood. */
  async get(key: string): Promise<T | null> {
    const [bytes] = await this.#database.getMany([this.#keyOf(key)])
    return bytes === undefined ? null : this.#read(key, bytes)
  }

  /** Writes a record; it is on disk when this resolves. Fields that are `undefined` are left out. */
  async put(key: string, record: T): Promise<void> {
    const value = encodeCbor(withoutUndefined(record))
    await this.#database.batch([{ type: 'put', key: this.#keyOf(key), value }], { sync: true })
  }

  /** Deletes a record; one that is not there is left alone. */
  async delete(key: string): Promise<void> {
    await this.#database.batch([{ type: 'del', key: this.#keyOf(key) }], { sync: true })
  }

  /** Every record in order of its key. */
  async *entries(): AsyncGenerator<[key: string, record: T]> {
    const range = { gt: this.#keyOf(''), lt: `${this.#name}0` }
    for await (const [key, bytes] of this.#database.iterator(range)) {
      const own = key.slice(this.#name.length + 1)
      yield [own, this.#read(own, bytes)]
    }
  }

  /** Every record, in memory. */
  async all(): Promise<T[]> {
    const records: T[] = []
    for await (const [, record] of this.entries()) records.push(record)
    return records
  }

  /** Deletes every record. */
  async clear(): Promise<void> {
    await this.#database.clear({ gt: this.#keyOf(''), lt: `${this.#name}0` })
  }

  // '0' follows '/' in UTF-8, so `name/` … `name0` spans exactly this table.
  #keyOf(key: string): string {
    return `${this.#name}/${key}`
  }

  #read(key: string, bytes: Uint8Array): T {
    try {
      return this.#schema.parse(decodeCbor(bytes, { maxBytes: MAX_RECORD_BYTES }))
    } catch (cause) {
      throw new OrlopError(
        'VERSION_UNSUPPORTED',
        `The home folder's ${this.#name} record '${key.slice(0, 80)}' cannot be read by this version. Use the version that wrote it, or move the folder's 'db' aside and run 'orlop ls' to rebuild it.`,
        { cause },
      )
    }
  }
}

/** The same value without the object fields that are `undefined`, which CBOR has no place for. */
function withoutUndefined(value: unknown): CborValue {
  if (value === null || typeof value !== 'object' || value instanceof Uint8Array) {
    return value as CborValue
  }
  if (Array.isArray(value)) return value.map(withoutUndefined)
  const fields = Object.entries(value).filter(([, field]) => field !== undefined)
  return Object.fromEntries(fields.map(([name, field]) => [name, withoutUndefined(field)]))
}
