import { z } from 'zod'
import { clientRecord, nodeRecord, type ClientRecord } from '@orlop/protocol/ledger-records'
import { type HomeDatabase, RecordTable } from './table.ts'

const nodeList = z.strictObject({ nodes: z.array(nodeRecord), readMs: z.int() })
/** The nodes of the ledger, and when they were read. */
export type CachedNodes = z.infer<typeof nodeList>

const NODES = 'nodes'
const SELF = 'self'

/** The part of the registry a client needs when the ledger is away: the nodes, and its own record. */
export class RegistryCache {
  readonly #nodes: RecordTable<CachedNodes>
  readonly #clients: RecordTable<ClientRecord>

  constructor(database: HomeDatabase) {
    this.#nodes = new RecordTable(database, { name: 'registry-nodes', schema: nodeList })
    this.#clients = new RecordTable<ClientRecord>(database, {
      name: 'registry-client',
      schema: clientRecord,
    })
  }

  nodes(): Promise<CachedNodes | null> {
    return this.#nodes.get(NODES)
  }

  putNodes(nodes: CachedNodes): Promise<void> {
    return this.#nodes.put(NODES, nodes)
  }

  /** This client's own record; null before it was seen on the ledger. */
  self(): Promise<ClientRecord | null> {
    return this.#clients.get(SELF)
  }

  putSelf(record: ClientRecord): Promise<void> {
    return this.#clients.put(SELF, record)
  }
}
