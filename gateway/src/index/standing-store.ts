import { encodeHex } from '@orlop/crypto/bytes'
import type { ApiClientDetail } from '@orlop/protocol/api/clients'
import type { ApiNode } from '@orlop/protocol/api/nodes'
import type { ClientRecord, NodeRecord } from '@orlop/protocol/ledger-records'
import type { IndexFile } from './index-file.ts'

/** What the ledger says of nodes and clients now. */
export interface Standings {
  nodes: NodeRecord[]
  clients: ClientRecord[]
}

type OfReceipts = 'receipts' | 'objects' | 'liveBytes' | 'firstRecordedMs' | 'lastRecordedMs'
/** A client as the index keeps it: what does not come from its receipts. */
export type StoredClient = Omit<ApiClientDetail, OfReceipts | 'classes'>
/** A node as the index keeps it: what does not come from its receipts and ratings. */
export type StoredNode = Omit<
  ApiNode,
  'recomputedMillionths' | 'isCreditConfirmed' | 'liveStrips' | OfReceipts
>

/** Puts standings in the place of those before. @returns ids of the nodes that are new or changed. */
export function putStandings(file: IndexFile, { nodes, clients }: Standings): number[] {
  const records = new Map<number, StoredNode>(nodes.map((node) => [node.nodeId, storedNode(node)]))
  const changed = putRecords(file, { table: 'nodes', key: 'node_id', records })
  const stored = new Map(clients.map((client) => [client.clientId, storedClient(client)]))
  putRecords(file, { table: 'clients', key: 'client_id', records: stored })
  return changed
}

interface Records {
  table: 'nodes' | 'clients'
  key: 'node_id' | 'client_id'
  records: ReadonlyMap<number, StoredNode | StoredClient>
}

/** Only what changed is written: a heartbeat comes with nearly every block. */
function putRecords(file: IndexFile, { table, key, records }: Records): number[] {
  const held = new Map(
    file
      .prepare(`SELECT ${key} AS id, record FROM ${table}`)
      .all()
      .map((row) => [Number(row['id']), row['record']]),
  )
  const changed: number[] = []
  for (const [id, record] of records) {
    const text = JSON.stringify(record)
    if (held.get(id) === text) continue
    file
      .prepare(`INSERT OR REPLACE INTO ${table} VALUES (?, ?, ?, ?)`)
      .run(id, record.name, foldCase(record.name), text)
    changed.push(id)
  }
  for (const id of held.keys()) {
    if (!records.has(id)) file.prepare(`DELETE FROM ${table} WHERE ${key} = ?`).run(id)
  }
  return changed
}

/** A text as names are compared in searches. */
export function foldCase(text: string): string {
  return text.normalize('NFKC').toLowerCase()
}

/** Bounds are those of the API: a contract with other ones must not make answers that no reader takes. */
function storedNode(node: NodeRecord): StoredNode {
  return {
    ...node,
    name: node.name.slice(0, 256),
    peerId: node.peerId.slice(0, 128),
    region: node.region.slice(0, 32),
  }
}

function storedClient(client: ClientRecord): StoredClient {
  const { clientId, imoNumber, signer, recovery, state, minimumImportance } = client
  return {
    clientId,
    name: client.name.slice(0, 256),
    imoNumber: imoNumber === 0 ? null : imoNumber,
    signer,
    recovery,
    openingKey: `0x${encodeHex(client.openingKey)}`,
    state,
    minimumImportance,
  }
}
