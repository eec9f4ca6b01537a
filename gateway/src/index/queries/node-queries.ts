import { NO_EVIDENCE, creditOf } from '@orlop/contracts/credit-math'
import type { ApiNode, ApiNodes, NodesQuery } from '@orlop/protocol/api/nodes'
import type { IndexFile } from '../index-file.ts'
import type { StoredNode } from '../standing-store.ts'
import { readPage } from './page-cursor.ts'
import { toCount, toText, type Row } from './row-values.ts'

const ROWS = `
SELECT n.node_id AS id, n.record, CAST(s.receipts AS REAL) AS receipts, CAST(s.live_strips AS REAL) AS live_strips,
  CAST(s.live_bytes AS REAL) AS live_bytes,
  (SELECT recomputed FROM credit_events e WHERE e.node_id = n.node_id ORDER BY e.id DESC LIMIT 1) AS recomputed,
  (SELECT time_ms FROM blocks WHERE number =
    (SELECT max(id) FROM receipts INDEXED BY receipts_by_node WHERE node_id = n.node_id) >> 20) AS last_ms
FROM nodes n LEFT JOIN node_totals s ON s.node_id = n.node_id`

const UNRATED_MILLIONTHS = creditOf(NO_EVIDENCE)

/** Storage nodes, with what their receipts and ratings add up to. */
export class NodeQueries {
  readonly #file: IndexFile

  constructor(file: IndexFile) {
    this.#file = file
  }

  page(query: NodesQuery): ApiNodes {
    const page = readPage('nodes', query)
    const { after, limit } = page
    const rows = this.#file
      .prepare(
        `${ROWS} WHERE n.node_id > :after AND (:state IS NULL OR n.record ->> 'state' = :state)
         AND (:tier IS NULL OR n.record ->> 'tier' = :tier) ORDER BY n.node_id LIMIT :limit`,
      )
      .all({
        after: after ?? 0,
        state: query.state ?? null,
        tier: query.tier ?? null,
        limit: limit + 1,
      })
    const found = page.cut(rows.map((row) => ({ id: Number(row['id']), row })))
    return { items: found.rows.map(({ row }) => toNode(row)), nextCursor: found.nextCursor }
  }

  one(nodeId: number): ApiNode | null {
    const row = this.#file.prepare(`${ROWS} WHERE n.node_id = ?`).get(nodeId)
    return row === undefined ? null : toNode(row)
  }

  all(): ApiNode[] {
    return this.#file.prepare(`${ROWS} ORDER BY n.node_id`).all().map(toNode)
  }
}

function toNode(row: Row): ApiNode {
  const stored = JSON.parse(toText(row['record'])) as StoredNode
  const recomputed = row['recomputed']
  const recomputedMillionths = recomputed === null ? UNRATED_MILLIONTHS : toCount(recomputed)
  return {
    ...stored,
    recomputedMillionths,
    isCreditConfirmed: recomputedMillionths === stored.creditMillionths,
    receipts: toCount(row['receipts']),
    liveStrips: toCount(row['live_strips']),
    liveBytes: toCount(row['live_bytes']),
    lastRecordedMs: row['last_ms'] === null ? null : toCount(row['last_ms']),
  }
}
