import type { Clock } from '@orlop/protocol/clock'
import { OrlopError } from '@orlop/protocol/errors'
import type { LedgerReader } from '@orlop/protocol/ledger'
import type { ClientRecord, LedgerHead, NodeRecord } from '@orlop/protocol/ledger-records'
import {
  assertSignedBy,
  type Fields,
  type MessageOf,
  type MessageType,
  type Signed,
  signerOf,
} from '@orlop/protocol/typed-message'
import { StaleCache } from './stale-cache.ts'

export interface LedgerViewOptions {
  clock: Clock
  /** How long a record is used without asking again; default 10 s. */
  freshMs?: number
}

/** What is known of the ledger without asking it; kept across restarts. */
export interface LedgerSnapshot {
  nodes: NodeRecord[]
  clients: ClientRecord[]
}

const MAX_CLIENTS = 10_000
const NODES = 'nodes'

/**
 * The registry as this node last saw it. While the ledger does not answer, what was known goes on serving: a storage node must not
 * stop because an RPC endpoint did.
 */
export class LedgerView {
  readonly #ledger: LedgerReader
  readonly #nodes: StaleCache<NodeRecord[]>
  readonly #clients: StaleCache<ClientRecord | null>

  constructor(ledger: LedgerReader, options: LedgerViewOptions) {
    const { clock, freshMs = 10_000 } = options
    this.#ledger = ledger
    this.#nodes = new StaleCache({ clock, freshMs, maxEntries: 1 })
    this.#clients = new StaleCache({ clock, freshMs, maxEntries: MAX_CLIENTS })
  }

  head(): Promise<LedgerHead> {
    return this.#ledger.head()
  }

  nodes(isFresh = false): Promise<NodeRecord[]> {
    return this.#nodes.get(NODES, () => this.#ledger.nodes(), isFresh)
  }

  /** null when the ledger has no such node. */
  async node(nodeId: number, isFresh = false): Promise<NodeRecord | null> {
    const find = (nodes: NodeRecord[]) => nodes.find((node) => node.nodeId === nodeId)
    const known = find(await this.nodes(isFresh))
    if (known !== undefined || isFresh) return known ?? null
    return find(await this.nodes(true)) ?? null
  }

  /** null when the ledger has no such client. */
  client(clientId: number, isFresh = false): Promise<ClientRecord | null> {
    return this.#clients.get(String(clientId), () => this.#ledger.client(clientId), isFresh)
  }

  async clientBySigner(signer: string): Promise<ClientRecord | null> {
    const record = await this.#ledger.clientBySigner(signer)
    if (record !== null) this.#clients.set(String(record.clientId), record)
    return record
  }

  /**
   * Checks that the client's registered key signed the message. A signer rotated since the last look is asked for once.
   *
   * @returns the client's record.
   * @throws OrlopError `NOT_ADMITTED` when the ledger has no such client; `SIGNATURE_INVALID`.
   */
  async assertSignedByClient<F extends Fields>(
    type: MessageType<F>,
    signed: Signed<MessageOf<F>>,
    clientId: number,
  ): Promise<ClientRecord> {
    const { deployment } = this.#ledger
    const signer = signerOf(type, deployment, signed)
    let record = await this.client(clientId)
    if (record?.signer !== signer) record = await this.client(clientId, true)
    if (record === null) throw unknownClient(clientId)
    assertSignedBy(type, deployment, signed, record.signer)
    return record
  }

  snapshot(): LedgerSnapshot {
    const clients = this.#clients.values().filter((client) => client !== null)
    return { nodes: this.#nodes.peek(NODES) ?? [], clients }
  }

  /** Takes over what an earlier run knew. */
  restore({ nodes, clients }: LedgerSnapshot): void {
    if (nodes.length > 0) this.#nodes.set(NODES, nodes)
    for (const client of clients) this.#clients.set(String(client.clientId), client)
  }
}

export function unknownClient(clientId: number): OrlopError {
  return new OrlopError(
    'NOT_ADMITTED',
    `The ledger has no client ${clientId}. Register first; a node relays the registration.`,
  )
}
