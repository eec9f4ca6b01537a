import {
  apiRegistryEvent,
  type ApiHistory,
  type ApiRegistryEvent,
  type HistoryQuery,
} from '@orlop/protocol/api/history'
import type { IndexFile } from '../index-file.ts'
import { NO_HEARTBEAT } from '../index-schema.ts'
import { Conditions, rowsBetween } from './conditions.ts'
import { POSITION_COLUMNS, positionJoins, positionOf } from './log-position.ts'
import { LogRows } from './log-rows.ts'
import { readPage, type PageRequest } from './page-cursor.ts'
import { toText, type Row } from './row-values.ts'

const ROWS = `
SELECT l.*, coalesce(n.name, '') AS node_name, coalesce(c.name, '') AS client_name, ${POSITION_COLUMNS},
  (SELECT facts ->> 'profile' FROM registry_events p WHERE l.kind = 'nodeUpdated' AND p.node_id = l.node_id AND p.${NO_HEARTBEAT}
     AND p.id < l.id AND p.kind IN ('nodeRegistered', 'nodeUpdated') ORDER BY p.id DESC LIMIT 1) AS before
FROM registry_events l ${positionJoins('l')}
LEFT JOIN nodes n ON n.node_id = l.node_id LEFT JOIN clients c ON c.client_id = l.client_id`

/** Each is answered by the index of the same name, which holds what the first half says. */
const OF_NODE = `${NO_HEARTBEAT} AND node_id = ?`
const OF_FORMER_NODE = 'former_node_id IS NOT NULL AND former_node_id = ?'
const OF_CLIENT = 'client_id IS NOT NULL AND client_id = ?'

/** What became of nodes, clients and roles. */
export class RegistryQueries {
  readonly #file: IndexFile
  readonly #rows: LogRows<ApiRegistryEvent>

  constructor(file: IndexFile) {
    this.#file = file
    this.#rows = new LogRows({ file, table: 'registry_events', select: ROWS, toItem: toEvent })
  }

  /** Everything about a node but its heartbeats. */
  ofNode(nodeId: number, query: HistoryQuery): ApiHistory {
    const page = readPage(`history of node ${nodeId}`, query)
    return this.#page([OF_NODE, OF_FORMER_NODE], { ...page, query, partyId: nodeId })
  }

  ofClient(clientId: number, query: HistoryQuery): ApiHistory {
    const page = readPage(`history of client ${clientId}`, query)
    return this.#page([OF_CLIENT], { ...page, query, partyId: clientId })
  }

  /** Events of one transaction, in ledger order. */
  ofTransaction(place: { id: number; blockNumber: number }, limit: number): ApiRegistryEvent[] {
    return this.#rows.ofTransaction(place, limit)
  }

  /** Of each source the newest, then the newest of all: each source has its index. */
  #page(
    sources: readonly string[],
    asked: PageRequest & { query: HistoryQuery; partyId: number },
  ): ApiHistory {
    const range = rowsBetween(this.#file, asked.query)
    if (range === null) return { items: [], nextCursor: null }
    const ids = new Set<number>()
    for (const source of sources) {
      const conditions = new Conditions()
        .add(source, asked.partyId)
        .add('id >= ?', range.first)
        .add('id <= ?', range.last)
        .add('id < ?', asked.after)
      const rows = this.#file
        .prepare(`SELECT id FROM registry_events ${conditions.where} ORDER BY id DESC LIMIT ?`)
        .all(...conditions.values, asked.limit + 1)
      for (const row of rows) ids.add(Number(row['id']))
    }
    const newest = [...ids].sort((left, right) => right - left).map((id) => ({ id }))
    const found = asked.cut(newest)
    return { items: this.#rows.of(found.rows.map(({ id }) => id)), nextCursor: found.nextCursor }
  }
}

/** Facts were written by this index; reading them through the schema gives each kind its own fields. */
function toEvent(row: Row): ApiRegistryEvent {
  const before = toText(row['before'])
  return apiRegistryEvent.parse({
    ...(JSON.parse(toText(row['facts'])) as object),
    kind: row['kind'],
    nodeId: row['node_id'],
    nodeName: row['node_name'],
    clientId: row['client_id'],
    clientName: row['client_name'],
    fromNodeId: row['former_node_id'],
    toNodeId: row['node_id'],
    before: before === '' ? null : (JSON.parse(before) as object),
    position: positionOf(row),
  })
}
