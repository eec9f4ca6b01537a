import { decodeHex } from '@orlop/crypto/bytes'
import { HEARTBEAT_DAYS } from '@orlop/protocol/api/history'
import { DAY_MS } from '@orlop/protocol/api/overview'
import { MAX_DETAIL_ITEMS } from '@orlop/protocol/api/objects'
import {
  TRANSACTION_KINDS,
  type ApiTransaction,
  type ApiTransactionSummary,
  type ApiTransactions,
  type TransactionKind,
  type TransactionsQuery,
} from '@orlop/protocol/api/transactions'
import type { IndexFile } from '../index-file.ts'
import { NOT_ONLY_HEARTBEAT, holdsKind, kindBit } from '../index-schema.ts'
import type { IndexStore } from '../index-store.ts'
import { Conditions, rowsBetween } from './conditions.ts'
import { ObjectEventQueries } from './object-event-queries.ts'
import { readPage } from './page-cursor.ts'
import type { RatingQueries } from './rating-queries.ts'
import type { ReceiptQueries } from './receipt-queries.ts'
import type { RegistryQueries } from './registry-queries.ts'
import { toCount, toHash, toText, type Row } from './row-values.ts'

interface Parts {
  file: IndexFile
  store: Pick<IndexStore, 'indexed'>
  receipts: ReceiptQueries
  ratings: RatingQueries
  registry: RegistryQueries
}

const ROWS = `
SELECT t.*, b.hash AS block_hash, b.time_ms,
  (SELECT json_group_array(json_object('clientId', p.value, 'name', coalesce(c.name, '')))
   FROM json_each(t.client_ids) p LEFT JOIN clients c ON c.client_id = p.value) AS clients,
  (SELECT json_group_array(json_object('nodeId', p.value, 'name', coalesce(n.name, '')))
   FROM json_each(t.node_ids) p LEFT JOIN nodes n ON n.node_id = p.value) AS nodes
FROM transactions t JOIN blocks b ON b.number = t.block_number`

/** What transactions of the ledger did. */
export class TransactionQueries {
  readonly #parts: Parts
  readonly #events: ObjectEventQueries

  constructor(parts: Parts) {
    this.#parts = parts
    this.#events = new ObjectEventQueries(parts.file)
  }

  page(query: TransactionsQuery): ApiTransactions {
    const page = readPage('transactions', query)
    const range = rowsBetween(this.#parts.file, query)
    if (range === null) return { items: [], nextCursor: null }
    const { index, holds, hasHeartbeats } = sourceOf(query)
    const firstHeartbeat = hasHeartbeats ? this.#firstHeartbeat() : null
    const conditions = new Conditions()
      .always(holds)
      .add(`(${NOT_ONLY_HEARTBEAT} OR first_id >= ?)`, firstHeartbeat)
      .add('first_id >= ?', range.first)
      .add('first_id <= ?', range.last)
      .add('first_id < ?', page.after)
    const ids = this.#parts.file
      .prepare(
        `SELECT first_id AS id FROM transactions INDEXED BY ${index} ${conditions.where} ORDER BY first_id DESC LIMIT ?`,
      )
      .all(...conditions.values, page.limit + 1)
      .map((row) => ({ id: Number(row['id']) }))
    const found = page.cut(ids)
    return { items: this.#summaries(found.rows), nextCursor: found.nextCursor }
  }

  /** The newest from this row on that hold more than a heartbeat, the oldest of them first. */
  since(fromId: number, limit: number): ApiTransactionSummary[] {
    const ids = this.#parts.file
      .prepare(
        `SELECT first_id AS id FROM transactions WHERE ${NOT_ONLY_HEARTBEAT} AND first_id >= ? ORDER BY first_id DESC LIMIT ?`,
      )
      .all(fromId, limit)
      .map((row) => ({ id: Number(row['id']) }))
    return this.#summaries(ids).reverse()
  }

  /** null for a transaction that did nothing to Orlop's contracts, or is not on the ledger. */
  one(transactionHash: string): ApiTransaction | null {
    const { receipts, ratings, registry } = this.#parts
    const row = this.#row(decodeHex(transactionHash.slice(2)))
    if (row === null) return null
    const place = { id: Number(row['id']), blockNumber: Number(row['block_number']) }
    const limit = MAX_DETAIL_ITEMS + 1
    const lists = [
      receipts.ofTransaction(place, limit),
      this.#events.ofTransaction(place, limit),
      ratings.ofTransaction(place, limit),
      registry.ofTransaction(place, limit),
    ] as const
    return {
      ...placeOf(row),
      receipts: lists[0].slice(0, MAX_DETAIL_ITEMS),
      events: lists[1].slice(0, MAX_DETAIL_ITEMS),
      ratings: lists[2].slice(0, MAX_DETAIL_ITEMS),
      registryEvents: lists[3].slice(0, MAX_DETAIL_ITEMS),
      isTruncated: lists.some((list) => list.length > MAX_DETAIL_ITEMS),
    }
  }

  /** What a list shows of a transaction; null as above. */
  summary(hash: Uint8Array): ApiTransactionSummary | null {
    const row = this.#row(hash)
    return row === null ? null : toSummary(row)
  }

  #row(hash: Uint8Array): Row | null {
    const row = this.#parts.file
      .prepare(`${ROWS} WHERE t.hash = ? AND (t.${NOT_ONLY_HEARTBEAT} OR t.first_id >= ?)`)
      .get(hash, this.#firstHeartbeat())
    return row ?? null
  }

  #summaries(rows: readonly { id: number }[]): ApiTransactionSummary[] {
    return this.#parts.file
      .prepare(
        `${ROWS} WHERE t.first_id IN (SELECT value FROM json_each(?)) ORDER BY t.first_id DESC`,
      )
      .all(JSON.stringify(rows.map(({ id }) => id)))
      .map(toSummary)
  }

  /** Older heartbeats are on their way out of the index; they are not shown any more. */
  #firstHeartbeat(): number {
    const { file, store } = this.#parts
    const fromMs = (store.indexed?.blockTimeMs ?? 0) - HEARTBEAT_DAYS * DAY_MS
    return fromMs <= 0 ? 0 : (rowsBetween(file, { fromMs })?.first ?? 0)
  }
}

/** The index that holds what is asked for and nothing else, and what it holds. */
function sourceOf({ kind, heartbeats }: TransactionsQuery) {
  // No value of the query becomes SQL: kinds are those of the schema.
  if (kind !== undefined) {
    const hasHeartbeats = kind === 'heartbeat'
    return { index: `transactions_${kind}`, holds: holdsKind(kind), hasHeartbeats }
  }
  if (heartbeats === true) {
    return { index: 'transactions_by_place', holds: 'TRUE', hasHeartbeats: true }
  }
  return { index: 'transactions_with_news', holds: NOT_ONLY_HEARTBEAT, hasHeartbeats: false }
}

function placeOf(row: Row) {
  return {
    transactionHash: toHash(row['hash']),
    blockNumber: toCount(row['block_number']),
    blockHash: toHash(row['block_hash']),
    blockTimeMs: toCount(row['time_ms']),
    kinds: kindsOf(Number(row['kinds'])),
  }
}

function toSummary(row: Row): ApiTransactionSummary {
  return {
    ...placeOf(row),
    receiptCount: toCount(row['receipts']),
    streamBytes: toCount(row['stream_bytes']),
    clients: JSON.parse(toText(row['clients'])) as ApiTransactionSummary['clients'],
    nodes: JSON.parse(toText(row['nodes'])) as ApiTransactionSummary['nodes'],
  }
}

/** The kinds whose bits are set. */
function kindsOf(kinds: number): TransactionKind[] {
  return TRANSACTION_KINDS.filter((kind) => (kinds & kindBit(kind)) !== 0)
}
