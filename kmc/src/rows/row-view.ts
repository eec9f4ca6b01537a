import type { StoredRow } from '../store/key-store.ts'
import { type Bucket, BUCKETS, bucketOf, decodeBucket, type RegisterHead } from './register.ts'
import type { RegisterReader, RegisterReading } from './register-reader.ts'
import type { OpenRow } from './row-draft.ts'

/** Each may be in a bucket of its own, and the head is read with them. */
const ROWS_AT_ONCE = 63
const ALL_BUCKETS = Array.from({ length: BUCKETS }, (_, number) => number)

/** Says that another writer was faster, so that whatever was decided on a view is decided anew. */
export class Overtaken extends Error {}

/** What is read at once. */
export interface Wanted {
  readonly buckets: readonly number[]
  readonly places: readonly string[]
}

/** Rows as they were at one moment. They are read when they are asked for, which fails when there was a change since. */
export class RowView {
  readonly head: RegisterHead
  /** Of the head's row in the store. */
  readonly revision: number
  readonly #reader: RegisterReader
  readonly #buckets = new Map<number, Bucket>()
  /** By key, as they are stored: a row is checked when it is asked for, and stays open no longer than that needs. */
  readonly #rows = new Map<string, StoredRow | null>()
  readonly #seen = { buckets: new Set<number>(), places: new Set<string>() }

  private constructor(reader: RegisterReader, { head, revision }: RegisterReading) {
    this.#reader = reader
    this.head = head
    this.revision = revision
  }

  /** A view of this moment. @throws KmcError as {@link RegisterReader.read}. */
  static async open(reader: RegisterReader, wanted: Wanted): Promise<RowView> {
    const keys = keysOf(wanted)
    const reading = await reader.read(keys)
    const view = new RowView(reader, reading)
    view.#keep(keys, reading.rows)
    return view
  }

  /** What was asked for, for a view of a later moment. */
  get seen(): Wanted {
    return { buckets: [...this.#seen.buckets], places: [...this.#seen.places] }
  }

  /** The value at a place, or null. @throws Overtaken; KmcError `ROW_TAMPERED` */
  async get(place: string): Promise<Uint8Array | null> {
    const number = bucketOf(place)
    await this.#load({ buckets: [number], places: [place] })
    const expected = this.#bucket(number).get(place) ?? null
    return this.#open(rowKey(place), expected)
  }

  /** What belongs into some buckets. @throws Overtaken; KmcError `ROW_TAMPERED` */
  async buckets(numbers: readonly number[]): Promise<[number, Bucket][]> {
    await this.#load({ buckets: numbers, places: [] })
    return numbers.map((number) => [number, this.#bucket(number)])
  }

  /** Places that begin with a prefix, in order. @throws as {@link RowView.buckets} */
  async places(prefix: string): Promise<string[]> {
    const buckets = await this.buckets(ALL_BUCKETS)
    return buckets
      .flatMap(([, bucket]) => [...bucket.keys()])
      .filter((place) => place.startsWith(prefix))
      .sort()
  }

  /** The rows at some places, without those that are not there. @throws as {@link RowView.get} */
  async rows(places: readonly string[]): Promise<OpenRow[]> {
    for (let at = 0; at < places.length; at += ROWS_AT_ONCE) {
      const some = places.slice(at, at + ROWS_AT_ONCE)
      await this.#load({ buckets: [...new Set(some.map(bucketOf))], places: some })
    }
    const rows: OpenRow[] = []
    for (const place of places) {
      const value = await this.get(place)
      if (value !== null) rows.push({ place, value })
    }
    return rows
  }

  async #load(wanted: Wanted): Promise<void> {
    for (const number of wanted.buckets) this.#seen.buckets.add(number)
    for (const place of wanted.places) this.#seen.places.add(place)
    const keys = keysOf(wanted).filter((key) => !this.#rows.has(key))
    if (keys.length === 0) return
    const { revision, rows } = await this.#reader.read(keys)
    if (revision !== this.revision) throw new Overtaken()
    this.#keep(keys, rows)
  }

  #keep(keys: readonly string[], rows: readonly (StoredRow | null)[]): void {
    for (const [at, key] of keys.entries()) this.#rows.set(key, rows[at] ?? null)
  }

  #bucket(number: number): Bucket {
    const known = this.#buckets.get(number)
    if (known !== undefined) return known
    const bytes = this.#open(bucketKey(number), this.head.buckets[number] ?? null)
    const bucket: Bucket = bytes === null ? new Map() : decodeBucket(bytes)
    this.#buckets.set(number, bucket)
    return bucket
  }

  #open(key: string, expected: Uint8Array | null): Uint8Array | null {
    return this.#reader.open(key, this.#rows.get(key) ?? null, expected)
  }
}

export function rowKey(place: string): string {
  return `row/${place}`
}

export function bucketKey(number: number): string {
  return `register/${String(number).padStart(2, '0')}`
}

function keysOf({ buckets, places }: Wanted): string[] {
  return [...buckets.map(bucketKey), ...places.map(rowKey)]
}
