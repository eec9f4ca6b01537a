import * as z from 'zod'
import { clientRecord, nodeRecord, type ClientRecord } from '@orlop/protocol/ledger-records'
import { bytes32 } from '@orlop/protocol/wire/common'
import { type HomeDatabase, RecordTable } from './table.ts'

const nodeList = z.strictObject({ nodes: z.array(nodeRecord), readMs: z.int() })
/** The nodes of the ledger, and when they were read. */
export type CachedNodes = z.infer<typeof nodeList>

const recipient = z.strictObject({ openingKey: bytes32 })

const NODES = 'nodes'
const SELF = 'self'

/** The part of the registry a client needs when the ledger is away, or lies: the nodes, its own record, others' opening keys. */
export class RegistryCache {
  readonly #nodes: RecordTable<CachedNodes>
  readonly #clients: RecordTable<ClientRecord>
  readonly #recipients: RecordTable<z.infer<typeof recipient>>

  constructor(database: HomeDatabase) {
    this.#nodes = new RecordTable(database, { name: 'registry-nodes', schema: nodeList })
    this.#clients = new RecordTable<ClientRecord>(database, {
      name: 'registry-client',
      schema: clientRecord,
    })
    this.#recipients = new RecordTable(database, { name: 'registry-recipient', schema: recipient })
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

  /** The opening key that another client had when this one last shared with it; null when it never did. */
  async openingKeyOf(clientId: number): Promise<Uint8Array | null> {
    return (await this.#recipients.get(String(clientId)))?.openingKey ?? null
  }

  /** Every other client's opening key that this home remembers, by the client's number. */
  async openingKeys(): Promise<Map<number, Uint8Array>> {
    const keys = new Map<number, Uint8Array>()
    for await (const [clientId, { openingKey }] of this.#recipients.entries()) {
      keys.set(Number(clientId), openingKey)
    }
    return keys
  }

  async putOpeningKey(clientId: number, openingKey: Uint8Array): Promise<void> {
    await this.#recipients.put(String(clientId), { openingKey })
  }
}
