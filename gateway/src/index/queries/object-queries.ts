import {
  MAX_DETAIL_ITEMS,
  type ApiObject,
  type ApiObjectDetail,
  type ApiObjects,
  type ObjectState,
  type ObjectsQuery,
} from '@orlop/protocol/api/objects'
import { formatObjectId, parseObjectId } from '@orlop/protocol/ids'
import type { IndexFile } from '../index-file.ts'
import { LIVE, REMOVED } from '../index-schema.ts'
import { Conditions, rowsBetween } from './conditions.ts'
import { ObjectEventQueries } from './object-event-queries.ts'
import { readPage } from './page-cursor.ts'
import type { RatingQueries } from './rating-queries.ts'
import type { ReceiptQueries } from './receipt-queries.ts'
import { toBytes, toCount, toHash, toText, type Row } from './row-values.ts'

interface Parts {
  file: IndexFile
  receipts: ReceiptQueries
  ratings: RatingQueries
}

const ROWS = `
SELECT o.*, coalesce(c.name, '') AS client_name, b.time_ms AS first_ms,
  (SELECT max(version) FROM object_events v WHERE v.object_id = o.object_id AND v.client_id = o.client_id) AS version
FROM objects o JOIN blocks b ON b.number = o.id >> 20 LEFT JOIN clients c ON c.client_id = o.client_id`

const STRIPS = `
SELECT s.*, b.time_ms AS last_ms FROM (
  SELECT count(*) AS receipts, max(id) AS last_id, total(state = ${LIVE}) AS live_strips,
    total(stream_bytes * (state = ${LIVE})) AS live_bytes, max(iif(state = ${LIVE}, expiry, NULL)) AS live_expiry,
    max(expiry) AS expiry, max(state = ${REMOVED}) AS removed
  FROM receipts WHERE object = ?
) s JOIN blocks b ON b.number = s.last_id >> 20`

/** Objects with what became of their strips. */
export class ObjectQueries {
  readonly #parts: Parts
  readonly #events: ObjectEventQueries

  constructor(parts: Parts) {
    this.#parts = parts
    this.#events = new ObjectEventQueries(parts.file)
  }

  page(query: ObjectsQuery): ApiObjects {
    const { file } = this.#parts
    const page = readPage('objects', query)
    const found = page.cut(this.#find(query, { after: page.after, limit: page.limit + 1 }))
    const rows = file
      .prepare(`${ROWS} WHERE o.id IN (SELECT value FROM json_each(?)) ORDER BY o.id DESC`)
      .all(JSON.stringify(found.rows.map(({ id }) => id)))
    return { items: rows.map((row) => this.#toObject(row)), nextCursor: found.nextCursor }
  }

  /** null when this client has no such object. */
  detail(key: { clientId: number; objectId: string }): ApiObjectDetail | null {
    const { file, receipts, ratings } = this.#parts
    const name = { objectId: parseObjectId(key.objectId), clientId: key.clientId }
    const row = file
      .prepare(`${ROWS} WHERE o.object_id = ? AND o.client_id = ?`)
      .get(name.objectId, name.clientId)
    if (row === undefined) return null
    const id = Number(row['id'])
    const limit = MAX_DETAIL_ITEMS + 1
    const lists = [
      receipts.ofObject(id, limit),
      this.#events.ofObject(name, limit),
      ratings.ofObject(id, limit),
    ] as const
    return {
      ...this.#toObject(row),
      headerHash: toHash(row['header_hash']),
      strips: lists[0].slice(0, MAX_DETAIL_ITEMS),
      events: lists[1].slice(0, MAX_DETAIL_ITEMS),
      ratings: lists[2].slice(0, MAX_DETAIL_ITEMS),
      isTruncated: lists.some((list) => list.length > MAX_DETAIL_ITEMS),
    }
  }

  #find(
    query: ObjectsQuery,
    { after, limit }: { after: number | null; limit: number },
  ): { id: number }[] {
    const { file } = this.#parts
    const range = rowsBetween(file, query)
    if (range === null) return []
    const isByNode = isNodeBest(query)
    const id = isByNode ? 'r.object' : 'o.id'
    const objectId = query.objectId === undefined ? undefined : parseObjectId(query.objectId)
    const onNode = 'EXISTS (SELECT 1 FROM receipts r WHERE r.object = o.id AND r.node_id = ?)'
    const conditions = new Conditions()
      .add('o.client_id = ?', query.clientId)
      .add('o.class_code = ?', query.classCode)
      .add('o.level = ?', query.level)
      .add('o.object_id = ?', objectId)
      .add(isByNode ? 'r.node_id = ?' : onNode, query.nodeId)
      .add(`${id} >= ?`, range.first)
      .add(`${id} <= ?`, range.last)
      .add(`${id} < ?`, after)
    const source = isByNode
      ? 'receipts r INDEXED BY receipts_by_node_object CROSS JOIN objects o ON o.id = r.object'
      : `objects o ${indexFor(query)}`
    return file
      .prepare(
        `SELECT DISTINCT ${id} AS id FROM ${source} ${conditions.where} ORDER BY ${id} DESC LIMIT ?`,
      )
      .all(...conditions.values, limit)
      .map((row) => ({ id: Number(row['id']) }))
  }

  #toObject(row: Row): ApiObject {
    const strips = this.#parts.file.prepare(STRIPS).get(Number(row['id'])) ?? {}
    const liveStrips = toCount(strips['live_strips'])
    const expiry = liveStrips > 0 ? strips['live_expiry'] : strips['expiry']
    return {
      objectId: formatObjectId(toBytes(row['object_id'])),
      clientId: toCount(row['client_id']),
      clientName: toText(row['client_name']),
      classCode: toCount(row['class_code']),
      level: toCount(row['level']),
      k: toCount(row['k']),
      m: toCount(row['m']),
      state: stateOf(liveStrips, toCount(strips['removed']) > 0),
      receipts: toCount(strips['receipts']),
      liveStrips,
      streamBytes: toCount(row['stream_bytes']),
      liveBytes: toCount(strips['live_bytes']),
      expirySeconds: toCount(expiry),
      envelopeVersion: row['version'] === null ? null : toCount(row['version']),
      firstRecordedMs: toCount(row['first_ms']),
      lastRecordedMs: toCount(strips['last_ms']),
    }
  }
}

function stateOf(liveStrips: number, isRemoved: boolean): ObjectState {
  if (liveStrips > 0) return 'live'
  return isRemoved ? 'removed' : 'expired'
}

/** Whether the node's receipts are the shortest way; the others name objects directly. */
function isNodeBest({ nodeId, objectId, clientId, classCode }: ObjectsQuery): boolean {
  return (
    nodeId !== undefined &&
    objectId === undefined &&
    clientId === undefined &&
    classCode === undefined
  )
}

function indexFor(query: ObjectsQuery): string {
  if (query.objectId !== undefined) return 'INDEXED BY objects_by_name'
  if (query.clientId !== undefined) return 'INDEXED BY objects_by_client'
  if (query.classCode !== undefined) return 'INDEXED BY objects_by_class'
  if (query.level !== undefined) return 'INDEXED BY objects_by_level'
  return 'NOT INDEXED'
}
