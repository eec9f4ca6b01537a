import { KmcError } from '../kmc-error.ts'
import type { KeyStore } from '../store/key-store.ts'
import { bucketOf } from './register.ts'
import { RegisterReader, type RegisterReaderOptions } from './register-reader.ts'
import type { OpenRow, RowDraft } from './row-draft.ts'
import { RowGroup } from './row-group.ts'
import { Overtaken, RowView, type Wanted } from './row-view.ts'

export interface SealedRowsOptions extends RegisterReaderOptions {
  readonly store: KeyStore
}

const MOST_ATTEMPTS = 32
/** Most works whose changes are made in one transaction: they wait for each other. */
const MOST_WORKS = 8
/** Of rows, and of buckets: with the head, they are read at once. */
const MOST_WANTED = 63
const NOTHING: Wanted = { buckets: [], places: [] }

/** A change that waits for its turn. */
interface Work {
  /** Resolves with what tells the caller, once the changes are made. */
  readonly run: (draft: RowDraft) => Promise<() => void>
  readonly reject: (error: unknown) => void
}

/**
 * Rows sealed for their place and version. A register names the one right bytes of every row, and its head those of the register, so
 * that whoever holds the store can neither swap rows, nor bring one back, nor withhold one, without being noticed at the next reading.
 */
export class SealedRows {
  readonly #store: KeyStore
  readonly #reader: RegisterReader
  readonly #waiting: Work[] = []
  #isWorking = false
  /** Read for two groups in a row: the next is likely to need it too. */
  #usual: Wanted = NOTHING
  #last: Wanted = NOTHING

  constructor(options: SealedRowsOptions) {
    this.#store = options.store
    this.#reader = new RegisterReader(options)
  }

  /**
   * The value at a place, or null.
   *
   * @throws KmcError `CENTRE_SEALED`; `ROW_TAMPERED` names the row; `STORE_ROLLED_BACK`.
   */
  async get(place: string): Promise<Uint8Array | null> {
    const wanted = { buckets: [bucketOf(place)], places: [place] }
    return (await RowView.open(this.#reader, wanted)).get(place)
  }

  /**
   * Rows whose places begin with a prefix, in order. What the register names and the store withholds is an error.
   *
   * @param page - `limit` 1 to 50; `after` is the last place of the page before.
   * @throws KmcError as {@link SealedRows.get}; `CONFLICT` when others change rows again and again meanwhile.
   */
  async list(prefix: string, page: { after?: string; limit: number }): Promise<OpenRow[]> {
    const after = page.after ?? ''
    return repeatedly(async () => {
      const view = await RowView.open(this.#reader, NOTHING)
      const places = await view.places(prefix)
      const chosen = places.filter((place) => place > after).slice(0, page.limit)
      return view.rows(chosen)
    })
  }

  /**
   * All rows whose places begin with one of some prefixes, as they were at one moment. However long that takes, others change rows
   * meanwhile and nobody waits.
   *
   * @throws KmcError as {@link SealedRows.get}; `CONFLICT` when the store dropped that moment meanwhile.
   */
  async readAll(prefixes: readonly string[]): Promise<OpenRow[]> {
    const leastSequence = this.#reader.lastSequence
    const snapshot = await this.#store.snapshot()
    try {
      const view = await RowView.open(this.#reader.over(snapshot, leastSequence), NOTHING)
      const places = await Promise.all(prefixes.map((prefix) => view.places(prefix)))
      return await view.rows(places.flat())
    } finally {
      await snapshot.close()
    }
  }

  /** How many changes there were; those that were made in one transaction count once. */
  async sequence(): Promise<number> {
    return (await RowView.open(this.#reader, NOTHING)).head.sequence
  }

  /**
   * Makes changes together, on disk when it resolves. `work` may run more than once, when others change rows at the same moment; it
   * must do nothing else than read and change its draft.
   *
   * @throws KmcError as {@link SealedRows.get}; `CONFLICT` when others are faster again and again.
   */
  async update<T>(work: (draft: RowDraft) => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const run = async (draft: RowDraft) => {
        const result = await work(draft)
        return () => resolve(result)
      }
      this.#waiting.push({ run, reject })
      void this.#workOff()
    })
  }

  async #workOff(): Promise<void> {
    if (this.#isWorking) return
    this.#isWorking = true
    while (this.#waiting.length > 0) {
      const works = this.#waiting.splice(0, MOST_WORKS)
      try {
        for (const settle of await this.#perform(works)) settle()
      } catch (error) {
        for (const { reject } of works) reject(error)
      }
    }
    this.#isWorking = false
  }

  /**
   * Does works in one transaction; those that do not fit wait again.
   *
   * @returns what tells the callers.
   */
  async #perform(works: Work[]): Promise<(() => void)[]> {
    let wanted = this.#usual
    const settles = await repeatedly(async () => {
      const view = await RowView.open(this.#reader, wanted)
      const group = new RowGroup(view)
      try {
        const done = await runAll(works, group)
        this.#putBack(works, done.length)
        if (await group.commit(this.#reader, this.#store, works.length > 1)) return done
        this.#putBack(works, Math.ceil(works.length / 2))
        return null
      } finally {
        group.wipe()
        wanted = someOf(view.seen)
      }
    })
    this.#usual = inBoth(this.#last, wanted)
    this.#last = wanted
    return settles
  }

  /** Has all works but so many wait again. */
  #putBack(works: Work[], keep: number): void {
    this.#waiting.unshift(...works.splice(keep))
  }
}

/** Runs works one after the other, as many as fit. @returns what tells each of their callers. */
async function runAll(works: readonly Work[], group: RowGroup): Promise<(() => void)[]> {
  const settles: (() => void)[] = []
  for (const { run, reject } of works) {
    const draft = group.newDraft()
    try {
      const settle = await run(draft)
      if (!group.hasRoomFor(draft)) break
      group.join(draft)
      settles.push(settle)
    } catch (error) {
      if (error instanceof Overtaken) throw error
      settles.push(() => reject(error))
    }
  }
  return settles
}

/** Tries again while others are faster, or there is no result. @throws KmcError `CONFLICT` */
async function repeatedly<T>(attempt: () => Promise<T | null>): Promise<T> {
  for (let count = 0; count < MOST_ATTEMPTS; count++) {
    try {
      const result = await attempt()
      if (result !== null) return result
    } catch (error) {
      if (!(error instanceof Overtaken)) throw error
    }
  }
  throw new KmcError('CONFLICT', 'Others change the same centre without pause. Try again.')
}

/** Not more than is read at once. */
function someOf({ buckets, places }: Wanted): Wanted {
  return { buckets: buckets.slice(0, MOST_WANTED), places: places.slice(0, MOST_WANTED) }
}

function inBoth(one: Wanted, other: Wanted): Wanted {
  const buckets = new Set(one.buckets).intersection(new Set(other.buckets))
  const places = new Set(one.places).intersection(new Set(other.places))
  return { buckets: [...buckets], places: [...places] }
}
