import { decodeHex } from '@orlop/crypto/bytes'
import type { ApiReceipt, ApiReceipts, ReceiptsQuery } from '@orlop/protocol/api/receipts'
import { formatObjectId, parseObjectId } from '@orlop/protocol/ids'
import type { IndexFile } from '../index-file.ts'
import { RATED, STRIP_STATES } from '../index-schema.ts'
import { ledgerRowId } from '../ledger-row-id.ts'
import { Conditions, rowsBetween } from './conditions.ts'
import { POSITION_COLUMNS, positionJoins, positionOf } from './log-position.ts'
import { LogRows } from './log-rows.ts'
import { readPage } from './page-cursor.ts'
import { toBytes, toCount, toHash, toText, type Row } from './row-values.ts'

/** `COMMIT_FLAG_MOVABLE` of a commit's flags. */
const MOVABLE = 1

const ROWS = `
SELECT l.*, o.object_id, coalesce(n.name, '') AS node_name, coalesce(c.name, '') AS client_name, ${POSITION_COLUMNS},
  (SELECT iif(e.kind = ${RATED}, e.score, NULL) FROM credit_events e
   WHERE e.node_id = l.node_id AND e.sequence = l.sequence AND e.is_change ORDER BY e.id DESC LIMIT 1) AS score
FROM receipts l JOIN objects o ON o.id = l.object ${positionJoins('l')}
LEFT JOIN nodes n ON n.node_id = l.node_id LEFT JOIN clients c ON c.client_id = l.client_id`

/** Storage records. */
export class ReceiptQueries {
  readonly #file: IndexFile
  readonly #rows: LogRows<ApiReceipt>

  constructor(file: IndexFile) {
    this.#file = file
    this.#rows = new LogRows({ file, table: 'receipts', select: ROWS, toItem: toReceipt })
  }

  page(query: ReceiptsQuery): ApiReceipts {
    const page = readPage('receipts', query)
    const found = page.cut(this.#find(query, { after: page.after, limit: page.limit + 1 }))
    return { items: this.#rows.of(found.rows.map(({ id }) => id)), nextCursor: found.nextCursor }
  }

  /** The newest receipts from this row on, the oldest of them first. */
  since(fromId: number, limit: number): ApiReceipt[] {
    return this.#rows.since(fromId, limit)
  }

  /** The newest receipts, newest first. */
  newest(limit: number): ApiReceipt[] {
    return this.since(0, limit).reverse()
  }

  /** Receipts of one object, in ledger order. @param object - the number of its row. */
  ofObject(object: number, limit: number): ApiReceipt[] {
    return this.#file
      .prepare(`${ROWS} WHERE l.object = ? ORDER BY l.id LIMIT ?`)
      .all(object, limit)
      .map(toReceipt)
  }

  /** Receipts of one transaction, in ledger order. */
  ofTransaction(place: { id: number; blockNumber: number }, limit: number): ApiReceipt[] {
    return this.#rows.ofTransaction(place, limit)
  }

  /** Ids only: these come from one index, without a look at the rows that a filter leaves out. */
  #find(
    query: ReceiptsQuery,
    { after, limit }: { after: number | null; limit: number },
  ): { id: number }[] {
    const range = rowsBetween(this.#file, query)
    const transaction = this.#transaction(query.transactionHash)
    if (range === null || transaction === null) return []
    const conditions = new Conditions()
      .add('client_id = ?', query.clientId)
      .add('node_id = ?', query.nodeId)
      .add('class_code = ?', query.classCode)
      .add('level = ?', query.level)
      .add('object IN (SELECT id FROM objects WHERE object_id = ?)', objectBytes(query.objectId))
      .add('transaction_id = ?', transaction?.id)
      .add('id >= ?', transaction?.firstId)
      .add('id <= ?', transaction?.lastId)
      .add('id >= ?', range.first)
      .add('id <= ?', range.last)
      .add('id < ?', after)
    return this.#file
      .prepare(
        `SELECT id FROM receipts ${indexFor(query)} ${conditions.where} ORDER BY id DESC LIMIT ?`,
      )
      .all(...conditions.values, limit)
      .map((row) => ({ id: Number(row['id']) }))
  }

  /** @returns undefined when none is asked for, null when it is not there. */
  #transaction(hash: string | undefined) {
    if (hash === undefined) return undefined
    const row = this.#file
      .prepare('SELECT id, block_number FROM transactions WHERE hash = ?')
      .get(decodeHex(hash.slice(2)))
    if (row === undefined) return null
    const blockNumber = Number(row['block_number'])
    const lastId = ledgerRowId(blockNumber + 1, 0) - 1
    return { id: Number(row['id']), firstId: ledgerRowId(blockNumber, 0), lastId }
  }
}

/** The index that leaves the fewest entries to look at; SQLite knows nothing of how values are spread. */
function indexFor(query: ReceiptsQuery): string {
  if (query.transactionHash !== undefined) return 'NOT INDEXED'
  if (query.objectId !== undefined) return 'INDEXED BY receipts_by_object'
  if (query.clientId !== undefined) return 'INDEXED BY receipts_by_client'
  if (query.nodeId !== undefined) return 'INDEXED BY receipts_by_node'
  if (query.classCode !== undefined) return 'INDEXED BY receipts_by_class'
  if (query.level !== undefined) return 'INDEXED BY receipts_by_level'
  return 'NOT INDEXED'
}

function objectBytes(objectId: string | undefined): Uint8Array | undefined {
  return objectId === undefined ? undefined : parseObjectId(objectId)
}

function toReceipt(row: Row): ApiReceipt {
  return {
    objectId: formatObjectId(toBytes(row['object_id'])),
    clientId: toCount(row['client_id']),
    clientName: toText(row['client_name']),
    nodeId: toCount(row['node_id']),
    nodeName: toText(row['node_name']),
    sequence: toCount(row['sequence']),
    index: toCount(row['strip']),
    k: toCount(row['k']),
    m: toCount(row['m']),
    classCode: toCount(row['class_code']),
    level: toCount(row['level']),
    isMovable: (toCount(row['flags']) & MOVABLE) !== 0,
    streamBytes: toCount(row['stream_bytes']),
    expirySeconds: toCount(row['expiry']),
    batchId: toCount(row['batch_id']),
    headerHash: toHash(row['header_hash']),
    root: toHash(row['root']),
    state: STRIP_STATES[toCount(row['state'])] ?? 'live',
    score: row['score'] === null ? null : toCount(row['score']),
    position: positionOf(row),
  }
}
