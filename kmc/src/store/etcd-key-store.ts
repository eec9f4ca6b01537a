import type * as z from 'zod'
import { assertInteger, compareBytes, concat, encodeUtf8 } from '@orlop/crypto/bytes'
import { type Clock, systemClock } from '@orlop/protocol/clock'
import { KmcError } from '../kmc-error.ts'
import { answerSchema, type EtcdRow, rangeAnswer, txnAnswer } from './etcd/answers.ts'
import { EtcdConnection } from './etcd/etcd-connection.ts'
import { EtcdFailure } from './etcd/etcd-failure.ts'
import type { EtcdTls } from './etcd/etcd-members.ts'
import { EtcdWatch } from './etcd/etcd-watch.ts'
import { type OutcomeSlot, OutcomeSlots } from './etcd/outcome-slots.ts'
import { ETCD, type EtcdMethod } from './etcd/services.ts'
import {
  assertTransaction,
  type Change,
  type KeyStore,
  type ListRequest,
  MAX_PAGE_ROWS,
  storeClosed,
  type StoredRow,
  type StoreSnapshot,
  type Transaction,
  type Watch,
  type Watcher,
} from './key-store.ts'

/** What {@link openEtcdKeyStore} needs. */
export interface EtcdKeyStoreOptions {
  /** The members, 1 to 16: `https://host:port` with `tls`, else `http://host:port`. One that is down is passed over. */
  readonly urls: readonly string[]
  readonly tls?: EtcdTls
  /** What every key begins with, so that others can use the same etcd: 1 to 128 characters; `orlop-kmc/` unless given. */
  readonly namespace?: string
  /** The cluster's number as `EtcdKeyStore.clusterId` gave it: another one is refused. The first to answer is taken unless given. */
  readonly clusterId?: string
  /** Longest time for one call, ms; 10 000 unless given: a leader that dies is replaced in less. */
  readonly timeoutMs?: number
  /** Longest time for one member to answer before another is asked, ms; 2500 unless given. */
  readonly attemptTimeoutMs?: number
  readonly clock?: Clock
}

const NAMESPACE = 'orlop-kmc/'
const MAX_NAMESPACE = 128
const TIMEOUT_MS = 10_000
const ATTEMPT_TIMEOUT_MS = 2500
/** A member answers nothing while it writes its database anew. */
const DEFRAGMENT_TIMEOUT_MS = 60_000
const EQUAL = 0
const NEWEST = 0
const MOD = 2

/**
 * Opens a store in etcd, for any number of processes. A member answers before it resolves.
 *
 * @throws KmcError `STORE_UNREACHABLE`, `STORE_NO_QUORUM`, `STORE_REFUSED`, `STORE_WRONG_CLUSTER`; RangeError, TypeError for options.
 */
export async function openEtcdKeyStore(options: EtcdKeyStoreOptions): Promise<EtcdKeyStore> {
  const { clock = systemClock, namespace = NAMESPACE, urls, tls, clusterId } = options
  assertInteger('characters of the namespace', namespace.length, { min: 1, max: MAX_NAMESPACE })
  const { timeoutMs = TIMEOUT_MS, attemptTimeoutMs = ATTEMPT_TIMEOUT_MS } = options
  const connection = new EtcdConnection({
    ...{ urls, tls, clusterId, clock },
    ...{ timeoutMs, attemptTimeoutMs },
  })
  const store = new EtcdKeyStore({ connection, namespace, clock, attemptTimeoutMs })
  try {
    await store.list({ prefix: '', limit: 1 })
    return store
  } catch (error) {
    await store.close()
    throw error
  }
}

interface EtcdKeyStoreParts {
  readonly connection: EtcdConnection
  readonly namespace: string
  readonly clock: Clock
  readonly attemptTimeoutMs: number
}

/** Keeps rows in etcd. Every reading is of what a majority of the members has; a transaction is on a majority's disks when it resolves. */
export class EtcdKeyStore implements KeyStore {
  readonly #connection: EtcdConnection
  readonly #rows: Uint8Array
  readonly #slots: OutcomeSlots
  readonly #attemptTimeoutMs: number
  readonly #watches = new Set<EtcdWatch>()

  /** See {@link openEtcdKeyStore}. */
  constructor({ connection, namespace, clock, attemptTimeoutMs }: EtcdKeyStoreParts) {
    this.#connection = connection
    this.#rows = encodeUtf8(`${namespace}rows/`)
    this.#slots = new OutcomeSlots(connection, `${namespace}writers/`, clock)
    this.#attemptTimeoutMs = attemptTimeoutMs
  }

  /** The number of the cluster: keep it, and give it when you open the store again. */
  get clusterId(): string {
    return this.#connection.clusterId ?? ''
  }

  async get(key: string): Promise<StoredRow | null> {
    const [row] = await this.getMany([key])
    return row ?? null
  }

  async getMany(keys: readonly string[]): Promise<(StoredRow | null)[]> {
    try {
      return await this.#read(keys, NEWEST)
    } catch (error) {
      throw told(error)
    }
  }

  /** Every reading of it is of that revision of etcd, which keeps it until its history is compacted. */
  async snapshot(): Promise<StoreSnapshot> {
    const { header } = await this.#ask(ETCD.range, { ...this.#rangeOf(''), limit: 1 }, rangeAnswer)
    const getMany = async (keys: readonly string[]) => {
      try {
        return await this.#read(keys, header.revision)
      } catch (error) {
        throw error instanceof EtcdFailure && error.kind === 'compacted'
          ? historyForgotten(error)
          : told(error)
      }
    }
    return { getMany, close: () => Promise.resolve() }
  }

  async list({ prefix, after, limit }: ListRequest): Promise<StoredRow[]> {
    assertInteger('limit', limit, { min: 1, max: MAX_PAGE_ROWS })
    const range = this.#rangeOf(prefix)
    const next = after === undefined ? range.key : concat(this.#etcdKey(after), Uint8Array.of(0))
    const key = compareBytes(next, range.key) > 0 ? next : range.key
    if (compareBytes(key, range.range_end) >= 0) return []
    const answer = await this.#ask(ETCD.range, { ...range, key, limit }, rangeAnswer)
    return answer.kvs.map((row) => this.#storedRow(row))
  }

  /** @throws KmcError `STORE_OUTCOME_UNKNOWN` when no member said in time whether the changes were made. */
  async transact(transaction: Transaction): Promise<number | null> {
    assertTransaction(transaction)
    for (;;) {
      const outcome = await this.#tryOnce(transaction)
      if (outcome !== 'again') return outcome
      this.#slots.forgetLease()
    }
  }

  async watch(prefix: string, watcher: Watcher): Promise<Watch> {
    const range = this.#rangeOf(prefix)
    const connection = this.#connection
    // Finds a member that answers.
    await this.#ask(ETCD.range, { ...range, limit: 1 }, rangeAnswer)
    const keyOf = (key: Uint8Array) => this.#keyOf(key)
    const over = (ended: EtcdWatch) => this.#watches.delete(ended)
    const options = { connection, range, keyOf, watcher, over }
    const watch = await EtcdWatch.open(options, this.#attemptTimeoutMs)
    this.#watches.add(watch)
    return watch
  }

  /**
   * Compacts all history, and has each of the members named in `urls` write its database anew. What stays: their write-ahead logs and
   * snapshots until etcd drops them, and members that are not named.
   *
   * @throws KmcError when one of them cannot be reached, or the user has not etcd's role `root`.
   */
  async forgetHistory(): Promise<void> {
    const { header } = await this.#ask(ETCD.range, { ...this.#rangeOf(''), limit: 1 }, rangeAnswer)
    const { revision } = header
    try {
      await this.#connection.call(ETCD.compact, { revision, physical: true }, answerSchema)
    } catch (error) {
      // By another replica, or by an earlier try whose answer was lost.
      if (!(error instanceof EtcdFailure) || error.kind !== 'compacted') throw told(error)
    }
    try {
      await this.#connection.callEach(ETCD.defragment, {}, DEFRAGMENT_TIMEOUT_MS)
    } catch (error) {
      throw error instanceof EtcdFailure && error.isTransient ? stillOnDisk(error) : told(error)
    }
  }

  close(): Promise<void> {
    for (const watch of this.#watches) watch.end(storeClosed())
    this.#connection.close()
    return Promise.resolve()
  }

  /** @returns `again` when its slot was gone and nothing was changed. */
  async #tryOnce({ conditions, changes }: Transaction): Promise<number | null | 'again'> {
    const slot = await this.#takeSlot()
    const answer = await this.#send(slot, {
      compare: [
        ...conditions.map(({ key, revision }) => wasWrittenAt(this.#etcdKey(key), revision)),
        wasWrittenAt(slot.key, slot.revision),
      ],
      success: [
        ...changes.map((change) => this.#operation(change)),
        { request_put: { key: slot.key, lease: slot.leaseId } },
      ],
      failure: [{ request_range: { key: slot.key } }],
    })
    if (answer === 'no-lease') return 'again'
    const { succeeded, header, responses } = answer
    if (succeeded) {
      this.#slots.give(slot, header.revision)
      return header.revision
    }
    const revision = responses[0]?.response_range?.kvs[0]?.mod_revision ?? 0
    if (revision === 0 && slot.revision > 0) return 'again'
    this.#slots.give(slot, revision)
    // Another revision than before: this very transaction was made, and the answer lost.
    return revision === slot.revision ? null : revision
  }

  /** @param revision - of the store; 0 for the newest. @throws EtcdFailure */
  async #read(keys: readonly string[], revision: number): Promise<(StoredRow | null)[]> {
    assertInteger('keys', keys.length, { min: 0, max: MAX_PAGE_ROWS })
    if (keys.length === 0) return []
    const success = keys.map((key) => ({ request_range: { key: this.#etcdKey(key), revision } }))
    const answer = await this.#connection.call(ETCD.txn, { success }, txnAnswer)
    return keys.map((_, at) => {
      const row = answer.responses[at]?.response_range?.kvs[0]
      return row === undefined ? null : this.#storedRow(row)
    })
  }

  async #takeSlot(): Promise<OutcomeSlot> {
    try {
      return await this.#slots.take()
    } catch (error) {
      throw told(error)
    }
  }

  async #send(slot: OutcomeSlot, request: object): Promise<TxnAnswer | 'no-lease'> {
    try {
      return await this.#connection.call(ETCD.txn, request, txnAnswer)
    } catch (error) {
      if (!(error instanceof EtcdFailure)) throw error
      if (error.kind === 'no-lease') return 'no-lease'
      if (error.mayBeDone) throw unknownOutcome(error)
      this.#slots.give(slot, slot.revision)
      throw error.toKmcError()
    }
  }

  async #ask<T extends z.ZodType>(
    method: EtcdMethod,
    request: object,
    schema: T,
  ): Promise<z.infer<T>> {
    try {
      return await this.#connection.call(method, request, schema)
    } catch (error) {
      throw told(error)
    }
  }

  #operation(change: Change): object {
    const key = this.#etcdKey(change.key)
    if (change.type === 'delete') return { request_delete_range: { key } }
    return { request_put: { key, value: change.value } }
  }

  #rangeOf(prefix: string): { key: Uint8Array; range_end: Uint8Array } {
    const key = this.#etcdKey(prefix)
    // The namespace ends with a slash: the last byte is never 255, also not of a prefix in UTF-8.
    const range_end = key.with(key.length - 1, (key.at(-1) ?? 0) + 1)
    return { key, range_end }
  }

  #etcdKey(key: string): Uint8Array {
    return concat(this.#rows, encodeUtf8(key))
  }

  #keyOf(etcdKey: Uint8Array): string {
    return new TextDecoder().decode(etcdKey.subarray(this.#rows.length))
  }

  #storedRow({ key, value, mod_revision }: EtcdRow): StoredRow {
    return { key: this.#keyOf(key), value, revision: mod_revision }
  }
}

type TxnAnswer = z.infer<typeof txnAnswer>

/** A comparison that holds when the row was last written at the revision; 0: when there is none. */
function wasWrittenAt(key: Uint8Array, revision: number): object {
  return { result: EQUAL, target: MOD, key, mod_revision: revision }
}

/** What to tell those who use the store. */
function told(error: unknown): unknown {
  return error instanceof EtcdFailure ? error.toKmcError() : error
}

function historyForgotten(cause: EtcdFailure): KmcError {
  return new KmcError(
    'CONFLICT',
    'What was read of etcd was compacted meanwhile, as when a key is destroyed. Try again.',
    { cause },
  )
}

function stillOnDisk(cause: EtcdFailure): KmcError {
  const { member, message } = cause
  return new KmcError(
    'STORE_UNREACHABLE',
    `The member of etcd at ${member} still has on its disk what was to be forgotten: it did not answer. Start it and try again; if it is gone for good, leave it out of the URLs.`,
    { cause, details: { member, reason: message } },
  )
}

function unknownOutcome(cause: EtcdFailure): KmcError {
  return new KmcError(
    'STORE_OUTCOME_UNKNOWN',
    'etcd took a change and did not say whether it was made; it may have been, or may yet be. Start the missing members, look, and repeat what is missing.',
    { cause, details: { member: cause.member, reason: cause.message } },
  )
}
