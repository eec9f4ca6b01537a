import { Level } from 'level'
import type { Importance } from '@orlop/protocol/data-classes'
import { OrlopError } from '@orlop/protocol/errors'
import type { FoundFile, Spool, SpoolItem } from './spool.ts'
import { compareUrgency, isWaiting, queuedItem, spoolItemSchema } from './spool-item.ts'

/** The spool in a Level database. Every change is on disk (fsync) before its promise resolves. */
export class LevelSpool implements Spool {
  readonly #database: Level<string, unknown>
  /** What waits, by key: finished items may be many, and the next one is asked for often. */
  readonly #waiting = new Map<string, SpoolItem>()

  private constructor(database: Level<string, unknown>) {
    this.#database = database
  }

  /**
   * @param folder - the database's own folder; made when missing.
   * @throws OrlopError `HOME_LOCKED` when another process has it open.
   */
  static async open(folder: string): Promise<LevelSpool> {
    const database = new Level<string, unknown>(folder, { valueEncoding: 'json' })
    try {
      await database.open()
    } catch (cause) {
      throw new OrlopError(
        'HOME_LOCKED',
        `The spool in ${folder} cannot be opened. Another agent may be using it: stop that one first.`,
        { cause },
      )
    }
    const spool = new LevelSpool(database)
    for await (const item of spool.all()) spool.#noteWaiting(item)
    return spool
  }

  async add(file: FoundFile, importance: Importance, foundMs: number): Promise<boolean> {
    const item = queuedItem(file, importance, foundMs)
    if ((await this.#database.get(item.key)) !== undefined) return false
    await this.#put(item)
    return true
  }

  next(): Promise<SpoolItem | null> {
    const [first] = [...this.#waiting.values()].sort(compareUrgency)
    return Promise.resolve(first ?? null)
  }

  async update(key: string, change: Partial<Omit<SpoolItem, 'key'>>): Promise<SpoolItem> {
    const stored = await this.#database.get(key)
    if (stored === undefined) throw new RangeError(`spool: no item ${key}`)
    const item = { ...spoolItemSchema.parse(stored), ...change }
    await this.#put(item)
    return item
  }

  async *all(): AsyncIterable<SpoolItem> {
    const items: SpoolItem[] = []
    for await (const value of this.#database.values()) items.push(spoolItemSchema.parse(value))
    yield* items.sort((left, right) => left.foundMs - right.foundMs)
  }

  close(): Promise<void> {
    return this.#database.close()
  }

  async #put(item: SpoolItem): Promise<void> {
    await this.#database.batch([{ type: 'put', key: item.key, value: item }], { sync: true })
    this.#noteWaiting(item)
  }

  #noteWaiting(item: SpoolItem): void {
    if (isWaiting(item)) this.#waiting.set(item.key, item)
    else this.#waiting.delete(item.key)
  }
}
