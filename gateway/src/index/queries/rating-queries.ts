import type {
  ApiRating,
  ApiRatings,
  NodeCreditQuery,
  RatingsQuery,
} from '@orlop/protocol/api/ratings'
import { formatObjectId } from '@orlop/protocol/ids'
import type { IndexFile } from '../index-file.ts'
import { RATING_KINDS } from '../index-schema.ts'
import { Conditions, rowsBetween } from './conditions.ts'
import { POSITION_COLUMNS, positionJoins, positionOf } from './log-position.ts'
import { LogRows } from './log-rows.ts'
import { readPage, type PageRequest } from './page-cursor.ts'
import { toBytes, toCount, toHash, toText, type Row } from './row-values.ts'

const ROWS = `
SELECT l.*, coalesce(n.name, '') AS node_name, coalesce(c.name, '') AS client_name, ${POSITION_COLUMNS},
  (SELECT o.object_id FROM receipts r JOIN objects o ON o.id = r.object
   WHERE r.node_id = l.node_id AND r.sequence = l.sequence LIMIT 1) AS object_id
FROM credit_events l ${positionJoins('l')}
LEFT JOIN nodes n ON n.node_id = l.node_id LEFT JOIN clients c ON c.client_id = l.client_id`

/** Ratings, and what was done about them. */
export class RatingQueries {
  readonly #file: IndexFile
  readonly #rows: LogRows<ApiRating>

  constructor(file: IndexFile) {
    this.#file = file
    this.#rows = new LogRows({ file, table: 'credit_events', select: ROWS, toItem: toRating })
  }

  page(query: RatingsQuery): ApiRatings {
    return this.#page(readPage('ratings', query), query)
  }

  /** The events that changed a node's credit. */
  changesOf(nodeId: number, query: NodeCreditQuery): ApiRatings {
    const page = readPage(`credit of node ${nodeId}`, query)
    return this.#page(page, { ...query, nodeId, isChange: true })
  }

  #page(page: PageRequest, query: RatingsQuery & { isChange?: true }): ApiRatings {
    const range = rowsBetween(this.#file, query)
    if (range === null) return { items: [], nextCursor: null }
    const { kind, isCounted } = query
    const conditions = new Conditions()
      .add('node_id = ?', query.nodeId)
      .add('client_id = ?', query.clientId)
      .add('score = ?', query.score)
      .add('kind = ?', kind === undefined ? undefined : RATING_KINDS.indexOf(kind))
      .add('is_counted = ?', isCounted === undefined ? undefined : Number(isCounted))
      .add('is_change = ?', query.isChange === undefined ? undefined : 1)
      .add('id >= ?', range.first)
      .add('id <= ?', range.last)
      .add('id < ?', page.after)
    const ids = this.#file
      .prepare(
        `SELECT id FROM credit_events ${indexFor(query)} ${conditions.where} ORDER BY id DESC LIMIT ?`,
      )
      .all(...conditions.values, page.limit + 1)
      .map((row) => ({ id: Number(row['id']) }))
    const found = page.cut(ids)
    return { items: this.#rows.of(found.rows.map(({ id }) => id)), nextCursor: found.nextCursor }
  }

  /** The newest from this row on, the oldest of them first. */
  since(fromId: number, limit: number): ApiRating[] {
    return this.#rows.since(fromId, limit)
  }

  /** Those about one object's receipts, in ledger order. @param object - the number of its row. */
  ofObject(object: number, limit: number): ApiRating[] {
    return this.#file
      .prepare(
        `${ROWS} WHERE l.id IN (
           SELECT x.id FROM receipts r
           JOIN credit_events x ON x.node_id = r.node_id AND x.sequence = r.sequence WHERE r.object = ?
         ) ORDER BY l.id LIMIT ?`,
      )
      .all(object, limit)
      .map(toRating)
  }

  /** Those of one transaction, in ledger order. */
  ofTransaction(place: { id: number; blockNumber: number }, limit: number): ApiRating[] {
    return this.#rows.ofTransaction(place, limit)
  }
}

function indexFor(query: RatingsQuery): string {
  if (query.nodeId !== undefined) return 'INDEXED BY credit_events_by_node'
  if (query.clientId !== undefined) return 'INDEXED BY credit_events_by_client'
  if (query.score !== undefined) return 'INDEXED BY credit_events_by_score'
  if (query.kind !== undefined) return 'INDEXED BY credit_events_by_kind'
  if (query.isCounted !== undefined) return 'INDEXED BY credit_events_by_counted'
  return 'NOT INDEXED'
}

function toRating(row: Row): ApiRating {
  return {
    kind: RATING_KINDS[toCount(row['kind'])] ?? 'rated',
    nodeId: toCount(row['node_id']),
    nodeName: toText(row['node_name']),
    clientId: toCount(row['client_id']),
    clientName: toText(row['client_name']),
    sequence: toCount(row['sequence']),
    objectId: row['object_id'] === null ? null : formatObjectId(toBytes(row['object_id'])),
    score: toCount(row['score']),
    causeCode: toCount(row['cause_code']),
    beforeMillionths: toCount(row['before']),
    afterMillionths: toCount(row['after']),
    recomputedMillionths: toCount(row['recomputed']),
    isCounted: toCount(row['is_counted']) === 1,
    reason: row['reason'] === null ? null : toText(row['reason']),
    steward: row['steward'] === null ? null : toText(row['steward']),
    reasonHash: row['reason_hash'] === null ? null : toHash(row['reason_hash']),
    position: positionOf(row),
  }
}
