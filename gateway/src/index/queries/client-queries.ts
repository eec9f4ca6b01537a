import type {
  ApiClassTotal,
  ApiClient,
  ApiClientDetail,
  ApiClients,
  ClientsQuery,
} from '@orlop/protocol/api/clients'
import type { IndexFile } from '../index-file.ts'
import type { StoredClient } from '../standing-store.ts'
import { readPage } from './page-cursor.ts'
import { toCount, toText, type Row } from './row-values.ts'

const timeOf = (pick: 'min' | 'max') => `(SELECT time_ms FROM blocks WHERE number =
    (SELECT ${pick}(id) FROM receipts INDEXED BY receipts_by_client WHERE client_id = c.client_id) >> 20)`

const ROWS = `
SELECT c.client_id AS id, c.record,
  (SELECT total(receipts) FROM client_totals s WHERE s.client_id = c.client_id) AS receipts,
  (SELECT total(live_bytes) FROM client_totals s WHERE s.client_id = c.client_id) AS live_bytes,
  (SELECT objects FROM client_objects s WHERE s.client_id = c.client_id) AS objects,
  ${timeOf('min')} AS first_ms, ${timeOf('max')} AS last_ms
FROM clients c`

/** Ships and shore clients, with what their receipts add up to. */
export class ClientQueries {
  readonly #file: IndexFile

  constructor(file: IndexFile) {
    this.#file = file
  }

  page(query: ClientsQuery): ApiClients {
    const page = readPage('clients', query)
    const rows = this.#file
      .prepare(
        `${ROWS} WHERE c.client_id > :after AND (:state IS NULL OR c.record ->> 'state' = :state)
         ORDER BY c.client_id LIMIT :limit`,
      )
      .all({ after: page.after ?? 0, state: query.state ?? null, limit: page.limit + 1 })
    const found = page.cut(rows.map((row) => ({ id: Number(row['id']), row })))
    return { items: found.rows.map(({ row }) => toClient(row)), nextCursor: found.nextCursor }
  }

  detail(clientId: number): ApiClientDetail | null {
    const row = this.#file.prepare(`${ROWS} WHERE c.client_id = ?`).get(clientId)
    if (row === undefined) return null
    return { ...storedOf(row), ...toClient(row), classes: this.#classes(clientId) }
  }

  #classes(clientId: number): ApiClassTotal[] {
    return this.#file
      .prepare(
        `SELECT class_code, CAST(receipts AS REAL) AS receipts, CAST(stream_bytes AS REAL) AS stream_bytes
         FROM client_totals WHERE client_id = ? AND receipts > 0 ORDER BY class_code`,
      )
      .all(clientId)
      .map(toClassTotal)
  }
}

/** A row with `class_code`, `receipts` and `stream_bytes`. */
export function toClassTotal(row: Row): ApiClassTotal {
  return {
    classCode: toCount(row['class_code']),
    receipts: toCount(row['receipts']),
    streamBytes: toCount(row['stream_bytes']),
  }
}

function storedOf(row: Row): StoredClient {
  return JSON.parse(toText(row['record'])) as StoredClient
}

function toClient(row: Row): ApiClient {
  const { clientId, name, imoNumber, signer, state, minimumImportance } = storedOf(row)
  return {
    ...{ clientId, name, imoNumber, signer, state, minimumImportance },
    receipts: toCount(row['receipts']),
    objects: toCount(row['objects']),
    liveBytes: toCount(row['live_bytes']),
    firstRecordedMs: row['first_ms'] === null ? null : toCount(row['first_ms']),
    lastRecordedMs: row['last_ms'] === null ? null : toCount(row['last_ms']),
  }
}
