import { assertInteger } from '@orlop/crypto/bytes'
import { KmcError } from '../kmc-error.ts'

/** Most conditions and changes of one transaction together: the 128 that etcd takes unless configured otherwise, less one of the store's own. */
export const MAX_TRANSACTION_PARTS = 127
/** Most bytes that the values of one transaction have together; etcd refuses requests from 1.5 MiB. */
export const MAX_TRANSACTION_BYTES = 1024 * 1024
/** Most rows of one page, and most keys read at once. */
export const MAX_PAGE_ROWS = 128

/** What is kept under a key. */
export interface StoredRow {
  readonly key: string
  readonly value: Uint8Array
  /** The store's revision when this row was last written, from 1; 0 stands for "no such row". */
  readonly revision: number
}

/** Holds when the row was last written at this revision; 0: when there is no such row. */
export interface Condition {
  readonly key: string
  readonly revision: number
}

export type Change =
  | { readonly type: 'put'; readonly key: string; readonly value: Uint8Array }
  | { readonly type: 'delete'; readonly key: string }

export interface Transaction {
  readonly conditions: readonly Condition[]
  /** At least one; each key once. */
  readonly changes: readonly Change[]
}

/** What a committed transaction changed, to those who watch. */
export interface StoreEvent {
  readonly revision: number
  readonly changes: readonly Change[]
}

export interface ListRequest {
  readonly prefix: string
  /** The last key of the page before; none for the first page. */
  readonly after?: string
  /** 1 to {@link MAX_PAGE_ROWS}. */
  readonly limit: number
}

/** Follows what changes. */
export interface Watcher {
  /** Called for every transaction that changes rows under the prefix, in order, with those changes. */
  changed(event: StoreEvent): void
  /** Called at most once, and last: changes may be missed from now on. Forget what was kept up to date by this, and watch anew. */
  lost(error: KmcError): void
}

/** The store as it was at one moment, whatever is changed meanwhile. */
export interface StoreSnapshot {
  /** As {@link KeyStore.getMany}. @throws KmcError `CONFLICT` when the store has not kept that moment */
  getMany(keys: readonly string[]): Promise<(StoredRow | null)[]>
  close(): Promise<void>
}

/** Ends a watch. */
export interface Watch {
  stop(): void
}

/**
 * Where the centre keeps its rows: ordered keys, one revision for the whole store, transactions that happen wholly or not at all.
 * Only what etcd's transactions can do (compare revisions, then put and delete), so that etcd fits behind it.
 */
export interface KeyStore {
  /** The row, or null when there is none. */
  get(key: string): Promise<StoredRow | null>
  /** Rows of up to {@link MAX_PAGE_ROWS} keys as they were at one moment; null where there is none. */
  getMany(keys: readonly string[]): Promise<(StoredRow | null)[]>
  /** This moment, for more readings than one. Close it soon: the store keeps for it what it would drop. */
  snapshot(): Promise<StoreSnapshot>
  /** Rows whose keys begin with the prefix, in the order of their keys' UTF-8 bytes. */
  list(request: ListRequest): Promise<StoredRow[]>
  /**
   * Makes the changes if all conditions hold. On disk when it resolves.
   *
   * @returns the new revision, or null when a condition did not hold and nothing was changed.
   * @throws RangeError for more parts or bytes than allowed, a key twice, or no change.
   */
  transact(transaction: Transaction): Promise<number | null>
  /** Tells of every later transaction that changes rows under the prefix, until it is stopped or lost. */
  watch(prefix: string, watcher: Watcher): Promise<Watch>
  /** Frees what the store still has of deleted and replaced values, as far as it can reach it. */
  forgetHistory(): Promise<void>
  close(): Promise<void>
}

/** Refuses a transaction that etcd would refuse. @throws RangeError */
export function assertTransaction({ conditions, changes }: Transaction): void {
  const parts = conditions.length + changes.length
  assertInteger('changes', changes.length, { min: 1, max: MAX_TRANSACTION_PARTS })
  assertInteger('parts of the transaction', parts, { min: 1, max: MAX_TRANSACTION_PARTS })
  if (new Set(changes.map(({ key }) => key)).size !== changes.length) {
    throw new RangeError('changes: expected each key once')
  }
  const bytes = changes.reduce(
    (sum, change) => sum + (change.type === 'put' ? change.value.length : 0),
    0,
  )
  assertInteger('bytes of the transaction', bytes, { min: 0, max: MAX_TRANSACTION_BYTES })
}

/** What a store answers that was closed. */
export function storeClosed(): KmcError {
  return new KmcError('STORE_CLOSED', 'The store is closed. Open it again.')
}
