import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { ClassicLevel } from 'classic-level'
import { Level } from 'level'
import { decodeCbor, encodeCbor } from '@orlop/crypto/format/cbor'
import { OrlopError } from '@orlop/protocol/errors'
import { diskError, systemCode } from './disk-errors.ts'
import type { Table } from './key-space.ts'

/** An envelope and what surrounds it. */
const MAX_VALUE_BYTES = 2 * 1024 * 1024

/** One change, made by {@link LevelIndex.put} or {@link LevelIndex.drop}. */
export type IndexChange =
  | { readonly type: 'put'; readonly key: string; readonly value: Uint8Array }
  | { readonly type: 'del'; readonly key: string }

/** The node's index: typed tables in one Level database. */
export class LevelIndex {
  readonly #level: Level<string, Uint8Array>
  readonly #path: string

  private constructor(level: Level<string, Uint8Array>, path: string) {
    this.#level = level
    this.#path = path
  }

  /**
   * @throws OrlopError `HOME_LOCKED` when another process has it open, `HOME_DAMAGED` when it cannot be read, `DISK_FULL`.
   */
  static async open(path: string): Promise<LevelIndex> {
    await mkdir(dirname(path), { recursive: true })
    const level = new Level<string, Uint8Array>(path, { valueEncoding: 'view' })
    try {
      await level.open()
    } catch (error) {
      throw openError(error, path)
    }
    return new LevelIndex(level, path)
  }

  /** Brings a damaged index back as far as its files allow. The node must be stopped; copy the folder away first. */
  static async repair(path: string): Promise<void> {
    await ClassicLevel.repair(path)
  }

  /** null when there is no such key. @throws OrlopError `HOME_DAMAGED` when the value is not of its schema. */
  async get<K, V>(table: Table<K, V>, key: K): Promise<V | null> {
    const name = table.prefix + table.formatKey(key)
    const value = await this.#guarded<Uint8Array | undefined>(this.#level.get(name))
    return value === undefined ? null : this.#parse(table, name, value)
  }

  /** Values whose key begins with `beginning`, in the order of keys. Sees one moment of the index. */
  async *values<K, V>(table: Table<K, V>, beginning = ''): AsyncIterable<V> {
    for await (const [, value] of this.entries(table, beginning)) yield value
  }

  /** {@link values}, each with its formatted key. */
  async *entries<K, V>(table: Table<K, V>, beginning = ''): AsyncIterable<[string, V]> {
    const from = table.prefix + beginning
    for await (const [name, value] of this.#level.iterator({ gte: from, lt: from + '\uffff' })) {
      yield [name.slice(table.prefix.length), this.#parse(table, name, value)]
    }
  }

  /** {@link values}, gathered: for few. */
  async list<K, V>(table: Table<K, V>, beginning = ''): Promise<V[]> {
    const found: V[] = []
    for await (const value of this.values(table, beginning)) found.push(value)
    return found
  }

  /** The value with the lowest key; null when the table is empty. */
  async first<K, V>(table: Table<K, V>): Promise<V | null> {
    for await (const value of this.values(table)) return value
    return null
  }

  put<K, V>(table: Table<K, V>, key: K, value: V): IndexChange {
    const checked = table.schema.parse(value)
    return {
      type: 'put',
      key: table.prefix + table.formatKey(key),
      value: encodeCbor(checked as Parameters<typeof encodeCbor>[0]),
    }
  }

  drop<K, V>(table: Table<K, V>, key: K): IndexChange {
    return { type: 'del', key: table.prefix + table.formatKey(key) }
  }

  /** Makes all changes or none, durable when it resolves. @throws OrlopError `DISK_FULL`. */
  async write(changes: readonly IndexChange[]): Promise<void> {
    if (changes.length === 0) return
    await this.#guarded(this.#level.batch([...changes], { sync: true }))
  }

  async close(): Promise<void> {
    await this.#level.close()
  }

  async #guarded<T>(call: Promise<T>): Promise<T> {
    try {
      return await call
    } catch (error) {
      if (isDamage(error)) throw damagedIndex(this.#path, error)
      throw fullOr(error)
    }
  }

  #parse<V>(table: { schema: Table<never, V>['schema'] }, name: string, value: Uint8Array): V {
    try {
      return table.schema.parse(decodeCbor(value, { maxBytes: MAX_VALUE_BYTES }))
    } catch (cause) {
      throw damagedIndex(this.#path, cause, name)
    }
  }
}

function openError(error: unknown, path: string): unknown {
  const cause = error instanceof Error ? error.cause : undefined
  if (systemCode(cause) === 'LEVEL_LOCKED') {
    return new OrlopError(
      'HOME_LOCKED',
      `Another process uses the node index in ${path}. Stop it, or give this node another home folder.`,
      { cause: error },
    )
  }
  if (isDamage(cause)) return damagedIndex(path, error)
  return fullOr(cause ?? error)
}

/** LevelDB names corruption by code where it checks, and in words where a file it needs is gone or cut. */
function isDamage(error: unknown): boolean {
  if (systemCode(error) === 'LEVEL_CORRUPTION') return true
  return (
    error instanceof Error &&
    /corrupt|missing files|does not exist|No such file/i.test(error.message)
  )
}

/** LevelDB passes the system's words on, not its code. */
function fullOr(error: unknown): unknown {
  if (!(error instanceof Error) || !/No space left|Disk quota/i.test(error.message)) return error
  return diskError(Object.assign(new Error(error.message), { code: 'ENOSPC' }), 'the node index')
}

function damagedIndex(path: string, cause: unknown, name?: string): OrlopError {
  const what = name === undefined ? '' : ` at ${name.slice(0, 120)}`
  return new OrlopError(
    'HOME_DAMAGED',
    `The node index in ${path} is damaged${what}. Stop the node, copy that folder to a safe place, and start the node ` +
      'once with --repair-index; strips whose entries stay lost are named when it starts.',
    { cause },
  )
}
