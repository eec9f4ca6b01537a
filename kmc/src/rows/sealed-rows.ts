import pLimit from 'p-limit'
import { equalConstantTime } from '@orlop/crypto/bytes'
import { sha256 } from '@orlop/crypto/hash'
import { KmcError } from '../kmc-error.ts'
import type { Change, KeyStore, StoredRow } from '../store/key-store.ts'
import {
  BUCKETS,
  bucketOf,
  decodeBucket,
  decodeHead,
  EMPTY_HEAD,
  encodeBucket,
  encodeHead,
  type RegisterHead,
} from './register.ts'
import { openRow, sealRow, versionOfRow } from './row-cipher.ts'
import { type OpenRow, RowDraft } from './row-draft.ts'

const HEAD = 'register/head'
const MOST_ATTEMPTS = 32
const PAGE_ROWS = 50

/** What {@link SealedRows} needs. */
export interface SealedRowsOptions {
  readonly store: KeyStore
  /** 16 bytes. */
  readonly centreId: Uint8Array
  /** Gives the key of rows; throws while the centre is sealed. */
  readonly rowKey: () => Uint8Array
  /** The register must have seen so many changes at least: known from an anchored head, it shows a store that was rolled back as a whole. */
  readonly leastSequence?: number
}

/** A moment of the register. */
interface Snapshot {
  readonly head: RegisterHead
  /** Of the head's row in the store. */
  readonly revision: number
}

/** Says that another writer was faster, so that the draft starts again. */
class Overtaken extends Error {}

/**
 * Rows sealed for their place and version. A register names the one right bytes of every row, and its head those of the register, so
 * that whoever holds the store can neither swap rows, nor bring one back, nor withhold one, without being noticed at the next reading.
 */
export class SealedRows {
  readonly #store: KeyStore
  readonly #centreId: Uint8Array
  readonly #rowKey: () => Uint8Array
  readonly #lock = pLimit(1)
  #lastSequence: number

  constructor({ store, centreId, rowKey, leastSequence }: SealedRowsOptions) {
    this.#store = store
    this.#centreId = centreId
    this.#rowKey = rowKey
    this.#lastSequence = leastSequence ?? 0
  }

  /**
   * The value at a place, or null.
   *
   * @throws KmcError `CENTRE_SEALED`; `ROW_TAMPERED` names the row; `STORE_ROLLED_BACK`.
   */
  async get(place: string): Promise<Uint8Array | null> {
    return (await this.#read([place])).values[0] ?? null
  }

  /**
   * Rows whose places begin with a prefix, in order. What the register names and the store withholds is an error.
   *
   * @param page - `limit` 1 to 50; `after` is the last place of the page before.
   * @throws KmcError as {@link SealedRows.get}.
   */
  async list(prefix: string, page: { after?: string; limit: number }): Promise<OpenRow[]> {
    const numbers = Array.from({ length: BUCKETS }, (_, number) => number)
    const { buckets } = await this.#snapshot(numbers, [])
    const after = page.after ?? ''
    const places = [...buckets.values()]
      .flatMap((bucket) => [...bucket.keys()])
      .filter((place) => place.startsWith(prefix) && place > after)
      .sort()
      .slice(0, page.limit)
    const { values } = await this.#read(places)
    return places.flatMap((place, at) => {
      const value = values[at]
      return value === null || value === undefined ? [] : [{ place, value }]
    })
  }

  /** How many changes there were. */
  async sequence(): Promise<number> {
    return (await this.#snapshot([], [])).head.sequence
  }

  /**
   * Makes changes together, on disk when it resolves. `work` may run more than once, when others change rows at the same moment; it
   * must do nothing else than read and change its draft.
   *
   * @throws KmcError as {@link SealedRows.get}; `CONFLICT` when others are faster again and again.
   */
  async update<T>(work: (draft: RowDraft) => Promise<T>): Promise<T> {
    return this.#lock(async () => {
      for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
        try {
          return await this.#attempt(work)
        } catch (error) {
          if (!(error instanceof Overtaken)) throw error
        }
      }
      throw new KmcError('CONFLICT', 'Others change the same centre without pause. Try again.')
    })
  }

  async #attempt<T>(work: (draft: RowDraft) => Promise<T>): Promise<T> {
    const base = await this.#snapshot([], [])
    const read = async (place: string) => {
      const { revision, values } = await this.#read([place])
      if (revision !== base.revision) throw new Overtaken()
      return values[0] ?? null
    }
    const draft = new RowDraft(read, (prefix) => this.#listAll(prefix, base.revision))
    const result = await work(draft)
    if (draft.changes.size + draft.appended.size > 0) await this.#commit(base, draft)
    return result
  }

  /** @throws Overtaken when rows changed since the revision. */
  async #listAll(prefix: string, revision: number): Promise<OpenRow[]> {
    const rows: OpenRow[] = []
    for (;;) {
      const after = rows.at(-1)?.place ?? ''
      const page = await this.list(prefix, { after, limit: PAGE_ROWS })
      if (page.length === 0) break
      rows.push(...page)
    }
    if ((await this.#snapshot([], [])).revision !== revision) throw new Overtaken()
    return rows
  }

  async #commit(base: Snapshot, draft: RowDraft): Promise<void> {
    const sequence = base.head.sequence + 1
    const numbers = [...new Set([...draft.changes.keys()].map(bucketOf))]
    const { buckets, revision } = await this.#snapshot(numbers, [])
    if (revision !== base.revision) throw new Overtaken()
    const changes: Change[] = []
    const put = (key: string, value: Uint8Array): Uint8Array => {
      const sealed = sealRow(this.#rowKey(), this.#binding(key, sequence), value)
      changes.push({ type: 'put', key, value: sealed })
      return sha256(sealed)
    }
    for (const [place, value] of draft.changes) {
      const bucket = buckets.get(bucketOf(place))
      if (value !== null) bucket?.set(place, put(rowKey(place), value))
      else if (bucket?.delete(place) === true) changes.push({ type: 'delete', key: rowKey(place) })
    }
    const digests = [...base.head.buckets]
    for (const [number, bucket] of buckets) {
      digests[number] = put(bucketKey(number), encodeBucket(bucket))
    }
    put(HEAD, encodeHead({ sequence, buckets: digests }))
    const conditions = [{ key: HEAD, revision: base.revision }]
    for (const [key, value] of draft.appended) {
      conditions.push({ key, revision: 0 })
      changes.push({ type: 'put', key, value })
    }
    if ((await this.#store.transact({ conditions, changes })) !== null) return
    await this.#refuseTakenKeys(base, draft)
  }

  /** Tells whether a commit failed because others were faster, or because a row in the clear stands where none may be. */
  async #refuseTakenKeys(base: Snapshot, draft: RowDraft): Promise<never> {
    const keys = [...draft.appended.keys()]
    const [head, ...rows] = await this.#store.getMany([HEAD, ...keys])
    const taken = keys.find((_, at) => rows[at] !== null)
    if ((head?.revision ?? 0) !== base.revision || taken === undefined) throw new Overtaken()
    throw tampered(taken, 'is there already, though nobody wrote it through this centre')
  }

  async #read(
    places: readonly string[],
  ): Promise<{ revision: number; values: (Uint8Array | null)[] }> {
    const numbers = [...new Set(places.map(bucketOf))]
    const { buckets, rows, revision } = await this.#snapshot(numbers, places)
    const values = places.map((place, at) => {
      const expected = buckets.get(bucketOf(place))?.get(place) ?? null
      return this.#openExpected(rowKey(place), rows[at] ?? null, expected)
    })
    return { revision, values }
  }

  /** The head, some buckets and some rows as they were at one moment; head and buckets are checked. */
  async #snapshot(numbers: readonly number[], places: readonly string[]) {
    const keys = [HEAD, ...numbers.map(bucketKey), ...places.map(rowKey)]
    // Only what was known when the question was asked: a later answer may overtake this one.
    const leastSequence = this.#lastSequence
    const [headRow, ...rest] = await this.#store.getMany(keys)
    const head = this.#openHead(headRow ?? null, leastSequence)
    const buckets = new Map<number, Map<string, Uint8Array>>()
    for (const [at, number] of numbers.entries()) {
      const expected = head.buckets[number] ?? null
      const bytes = this.#openExpected(bucketKey(number), rest[at] ?? null, expected)
      buckets.set(number, bytes === null ? new Map<string, Uint8Array>() : decodeBucket(bytes))
    }
    return { head, revision: headRow?.revision ?? 0, buckets, rows: rest.slice(numbers.length) }
  }

  #openHead(row: StoredRow | null, leastSequence: number): RegisterHead {
    // A sealed centre refuses also where nothing is stored.
    this.#rowKey()
    const head = row === null ? EMPTY_HEAD : decodeHead(this.#open(HEAD, row.value))
    if (head.sequence < leastSequence) {
      throw new KmcError(
        'STORE_ROLLED_BACK',
        `The store shows change ${head.sequence}, and there were ${leastSequence}: it was brought back to an older state. Stop, and find out who did.`,
        { details: { sequence: head.sequence, leastSequence } },
      )
    }
    this.#lastSequence = Math.max(this.#lastSequence, head.sequence)
    return head
  }

  /** Opens a row that must have a certain digest, or must not be there. */
  #openExpected(
    key: string,
    row: StoredRow | null,
    expected: Uint8Array | null,
  ): Uint8Array | null {
    if (expected === null && row === null) return null
    if (expected === null) throw tampered(key, 'was deleted, and is there again')
    if (row === null) throw tampered(key, 'is missing')
    if (!equalConstantTime(sha256(row.value), expected)) {
      throw tampered(
        key,
        'is not the one that was last written: it was changed, swapped or rolled back',
      )
    }
    return this.#open(key, row.value)
  }

  #open(key: string, bytes: Uint8Array): Uint8Array {
    const version = versionOfRow(bytes)
    try {
      if (version !== null) return openRow(this.#rowKey(), this.#binding(key, version), bytes)
    } catch (cause) {
      if (cause instanceof KmcError) throw cause
      throw tampered(key, 'does not open at this place: it was changed or swapped', cause)
    }
    throw tampered(key, 'is no sealed row')
  }

  #binding(place: string, version: number) {
    return { centreId: this.#centreId, place, version }
  }
}

function rowKey(place: string): string {
  return `row/${place}`
}

function bucketKey(number: number): string {
  return `register/${String(number).padStart(2, '0')}`
}

function tampered(key: string, what: string, cause?: unknown): KmcError {
  return new KmcError(
    'ROW_TAMPERED',
    `The row '${key}' of the store ${what}. Stop, keep a copy of the store for the inquiry, and restore a backup.`,
    { details: { key }, cause },
  )
}
