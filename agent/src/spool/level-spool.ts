import { Level } from 'level'
import { OrlopError } from '@orlop/protocol/errors'
import type { FoundFile, RankItem, Spool, SpoolItem, SpoolSummary, Urgency } from './spool.ts'
import { firstOf, isUnfinished, parseSpoolItem, queuedItem } from './spool-item.ts'
import { RunningSummary } from './spool-summary.ts'

/** The spool in a Level database. Every change is on disk (fsync) before its promise resolves. */
export class LevelSpool implements Spool {
  readonly #database: Level<string, unknown>
  /** What is not done, by key: finished items may be many, and the next one is asked for often. */
  readonly #unfinished = new Map<string, SpoolItem>()
  readonly #summary = new RunningSummary()
  #lastChange: Promise<unknown> = Promise.resolve()

  private constructor(database: Level<string, unknown>) {
    this.#database = database
  }

  /**
   * @param folder - the database's own folder; made when missing.
   * @throws OrlopError `HOME_LOCKED` when another process has it open; `VERSION_UNSUPPORTED` when it has an item that cannot be read.
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
    try {
      for await (const item of spool.all()) spool.#note(null, item)
      return spool
    } catch (error) {
      await database.close()
      throw error
    }
  }

  add(file: FoundFile, urgency: Urgency, foundMs: number): Promise<boolean> {
    const item = queuedItem(file, urgency, foundMs)
    return this.#inTurn(async () => {
      if ((await this.#database.get(item.key)) !== undefined) return false
      await this.#put(null, item)
      return true
    })
  }

  next(rank: RankItem): Promise<SpoolItem | null> {
    return Promise.resolve(firstOf(this.#unfinished.values(), rank))
  }

  update(key: string, change: Partial<Omit<SpoolItem, 'key'>>): Promise<SpoolItem> {
    return this.#inTurn(async () => {
      const before = await this.#get(key)
      if (before === null) throw new RangeError(`spool: no item ${key}`)
      const item = { ...before, ...change }
      await this.#put(before, item)
      return item
    })
  }

  delete(keys: readonly string[]): Promise<void> {
    return this.#inTurn(async () => {
      for (const key of keys) {
        const item = await this.#get(key)
        if (item === null) continue
        await this.#database.batch([{ type: 'del', key }], { sync: true })
        this.#unfinished.delete(key)
        this.#summary.forget(item)
      }
    })
  }

  async *all(): AsyncIterable<SpoolItem> {
    const items: SpoolItem[] = []
    for await (const value of this.#database.values()) items.push(parseSpoolItem(value))
    yield* items.sort((left, right) => left.foundMs - right.foundMs)
  }

  summary(): SpoolSummary {
    return this.#summary.read()
  }

  close(): Promise<void> {
    return this.#database.close()
  }

  /** One change at a time: each reads what the one before it wrote. */
  #inTurn<T>(change: () => Promise<T>): Promise<T> {
    const result = this.#lastChange.then(change)
    this.#lastChange = result.catch(() => undefined)
    return result
  }

  async #get(key: string): Promise<SpoolItem | null> {
    const stored = await this.#database.get(key)
    return stored === undefined ? null : parseSpoolItem(stored)
  }

  async #put(before: SpoolItem | null, item: SpoolItem): Promise<void> {
    await this.#database.batch([{ type: 'put', key: item.key, value: item }], { sync: true })
    this.#note(before, item)
  }

  #note(before: SpoolItem | null, item: SpoolItem): void {
    if (isUnfinished(item)) this.#unfinished.set(item.key, item)
    else this.#unfinished.delete(item.key)
    this.#summary.note(before, item)
  }
}
