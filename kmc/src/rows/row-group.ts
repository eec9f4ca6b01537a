import { wipe } from '@orlop/crypto/bytes'
import { sha256 } from '@orlop/crypto/hash'
import {
  type Change,
  type Condition,
  type KeyStore,
  MAX_TRANSACTION_BYTES,
  MAX_TRANSACTION_PARTS,
} from '../store/key-store.ts'
import { bucketOf, encodeBucket, encodeHead } from './register.ts'
import { HEAD, type RegisterReader, tampered } from './register-reader.ts'
import { RowDraft } from './row-draft.ts'
import { bucketKey, Overtaken, rowKey, type RowView } from './row-view.ts'

/** Changes of several works, each decided on what those before it leave, that are made in one transaction. */
export class RowGroup {
  readonly #view: RowView
  readonly #draft: RowDraft
  readonly #drafts: RowDraft[] = []

  constructor(view: RowView) {
    this.#view = view
    this.#draft = new RowDraft((place) => view.get(place))
  }

  /** A draft for the next work. */
  newDraft(): RowDraft {
    const draft = new RowDraft((place) => this.#draft.get(place))
    this.#drafts.push(draft)
    return draft
  }

  /** Wipes what its drafts hold: keys of applications are among it. The group is of no use afterwards. */
  wipe(): void {
    for (const { changes } of this.#drafts) {
      for (const value of changes.values()) if (value !== null) wipe(value)
    }
  }

  get isEmpty(): boolean {
    return this.#draft.changes.size + this.#draft.appended.size === 0
  }

  /** Whether the group with this draft is still one transaction; one alone always joins, and may be refused. */
  hasRoomFor(draft: RowDraft): boolean {
    if (this.isEmpty) return true
    const places = new Set([...this.#draft.changes.keys(), ...draft.changes.keys()])
    const buckets = new Set([...places].map(bucketOf))
    const appended = this.#draft.appended.size + draft.appended.size
    // The head is compared and put, what is appended too.
    return places.size + buckets.size + 2 + 2 * appended <= MAX_TRANSACTION_PARTS
  }

  /** Adds a work's changes. */
  join(draft: RowDraft): void {
    for (const [place, value] of draft.changes) this.#draft.changes.set(place, value)
    for (const [key, value] of draft.appended) this.#draft.appended.set(key, value)
  }

  /**
   * Makes the changes, on disk when it resolves.
   *
   * @returns false, with nothing changed, when they are more bytes than one transaction takes and `mayRefuse`.
   * @throws Overtaken; RangeError for too many changes; KmcError of the store, `ROW_TAMPERED`.
   */
  async commit(reader: RegisterReader, store: KeyStore, mayRefuse: boolean): Promise<boolean> {
    if (this.isEmpty) return true
    const changes = await this.#seal(reader)
    const bytes = changes.reduce((sum, one) => sum + (one.type === 'put' ? one.value.length : 0), 0)
    if (mayRefuse && bytes > MAX_TRANSACTION_BYTES) return false
    const conditions: Condition[] = [{ key: HEAD, revision: this.#view.revision }]
    for (const [key, value] of this.#draft.appended) {
      conditions.push({ key, revision: 0 })
      changes.push({ type: 'put', key, value })
    }
    if ((await store.transact({ conditions, changes })) !== null) return true
    throw await this.#failure(store)
  }

  async #seal(reader: RegisterReader): Promise<Change[]> {
    const { head } = this.#view
    const sequence = head.sequence + 1
    const changes: Change[] = []
    const put = (key: string, value: Uint8Array): Uint8Array => {
      const sealed = reader.seal(key, sequence, value)
      changes.push({ type: 'put', key, value: sealed })
      return sha256(sealed)
    }
    const numbers = [...new Set([...this.#draft.changes.keys()].map(bucketOf))]
    const buckets = new Map(
      (await this.#view.buckets(numbers)).map(([number, bucket]) => [number, new Map(bucket)]),
    )
    for (const [place, value] of this.#draft.changes) {
      const bucket = buckets.get(bucketOf(place))
      if (value !== null) bucket?.set(place, put(rowKey(place), value))
      else if (bucket?.delete(place) === true) changes.push({ type: 'delete', key: rowKey(place) })
    }
    const digests = [...head.buckets]
    for (const [number, bucket] of buckets) {
      digests[number] = put(bucketKey(number), encodeBucket(bucket))
    }
    put(HEAD, encodeHead({ sequence, buckets: digests }))
    return changes
  }

  /** Why a commit failed: others were faster, or a row in the clear stands where none may be. */
  async #failure(store: KeyStore): Promise<Error> {
    const keys = [...this.#draft.appended.keys()]
    const [head, ...rows] = await store.getMany([HEAD, ...keys])
    const taken = keys.find((_, at) => rows[at] !== null)
    const isOvertaken = (head?.revision ?? 0) !== this.#view.revision || taken === undefined
    if (isOvertaken) return new Overtaken()
    return tampered(taken, 'is there already, though nobody wrote it through this centre')
  }
}
