import { equalConstantTime } from '@orlop/crypto/bytes'
import { sha256 } from '@orlop/crypto/hash'
import { KmcError } from '../kmc-error.ts'
import type { KeyStore, StoredRow, StoreSnapshot } from '../store/key-store.ts'
import { decodeHead, EMPTY_HEAD, type RegisterHead } from './register.ts'
import { openRow, sealRow, versionOfRow } from './row-cipher.ts'

/** Where the store has the top of the register. */
export const HEAD = 'register/head'

/** What {@link RegisterReader} needs. */
export interface RegisterReaderOptions {
  readonly store: Pick<KeyStore, 'getMany'>
  /** 16 bytes. */
  readonly centreId: Uint8Array
  /** Gives the key of rows; throws while the centre is sealed. */
  readonly rowKey: () => Uint8Array
  /** The register must have seen so many changes at least: known from an anchored head, it shows a store that was rolled back as a whole. */
  readonly leastSequence?: number
}

/** The head and some rows as they were at one moment. */
export interface RegisterReading {
  readonly head: RegisterHead
  /** Of the head's row in the store; 0 when there is none. */
  readonly revision: number
  /** In the order that was asked for; not checked yet. */
  readonly rows: readonly (StoredRow | null)[]
}

/** Reads rows with the head that vouches for them, and seals new ones. */
export class RegisterReader {
  readonly #store: Pick<KeyStore, 'getMany'>
  readonly #centreId: Uint8Array
  readonly #rowKey: () => Uint8Array
  #lastSequence: number

  constructor({ store, centreId, rowKey, leastSequence }: RegisterReaderOptions) {
    this.#store = store
    this.#centreId = centreId
    this.#rowKey = rowKey
    this.#lastSequence = leastSequence ?? 0
  }

  /** The latest change that was seen. */
  get lastSequence(): number {
    return this.#lastSequence
  }

  /** A reader of a snapshot. @param leastSequence - what was seen before the snapshot was made. */
  over(snapshot: StoreSnapshot, leastSequence: number): RegisterReader {
    const centreId = this.#centreId
    return new RegisterReader({ store: snapshot, centreId, rowKey: this.#rowKey, leastSequence })
  }

  /** @param keys - up to 127. @throws KmcError `CENTRE_SEALED`, `ROW_TAMPERED`, `STORE_ROLLED_BACK` */
  async read(keys: readonly string[]): Promise<RegisterReading> {
    // Only what was known when the question was asked: a later answer may overtake this one.
    const leastSequence = this.#lastSequence
    const [headRow, ...rows] = await this.#store.getMany([HEAD, ...keys])
    const head = this.#openHead(headRow ?? null, leastSequence)
    return { head, revision: headRow?.revision ?? 0, rows }
  }

  /** Seals a row as of a change. */
  seal(key: string, sequence: number, value: Uint8Array): Uint8Array {
    return sealRow(this.#rowKey(), this.#binding(key, sequence), value)
  }

  /** Opens a row that must have a certain digest, or must not be there. @throws KmcError `ROW_TAMPERED`, `CENTRE_SEALED` */
  open(key: string, row: StoredRow | null, expected: Uint8Array | null): Uint8Array | null {
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

  #openHead(row: StoredRow | null, leastSequence: number): RegisterHead {
    // A sealed centre refuses also where nothing is stored.
    this.#rowKey()
    const head = row === null ? EMPTY_HEAD : decodeHead(this.#open(HEAD, row.value))
    if (head.sequence < leastSequence) {
      throw new KmcError(
        'STORE_ROLLED_BACK',
        `The store shows change ${head.sequence}, and there were ${leastSequence}: it was brought back to an older state. Stop, find out who did, and bring the newest one back; start with --accept-rollback only when there is none.`,
        { details: { sequence: head.sequence, leastSequence } },
      )
    }
    this.#lastSequence = Math.max(this.#lastSequence, head.sequence)
    return head
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

/** Says which row is not as it was written. */
export function tampered(key: string, what: string, cause?: unknown): KmcError {
  return new KmcError(
    'ROW_TAMPERED',
    `The row '${key}' of the store ${what}. Stop, keep a copy of the store for the inquiry, and restore a backup.`,
    { details: { key }, cause },
  )
}
