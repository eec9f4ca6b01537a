import type { ChainClient } from '@orlop/protocol/ledger'
import type { Logger } from '@orlop/protocol/logger'

export interface AdmissionDeskOptions {
  /** Whom this node admits while it is the master. */
  clients: 'all' | 'none'
  nodes: 'all' | 'none'
}

const NOBODY = { clientId: 0, signer: '' }

/** The master's duty: lets newcomers in, as its operator decided. */
export class AdmissionDesk {
  readonly #chain: ChainClient
  readonly #options: AdmissionDeskOptions
  readonly #logger: Logger
  /** Clients up to this one have been seen. */
  #seen = NOBODY
  #headBlock = 0
  readonly #pendingClientIds = new Set<number>()

  constructor(chain: ChainClient, options: AdmissionDeskOptions, logger: Logger) {
    this.#chain = chain
    this.#options = options
    this.#logger = logger
  }

  /** Admits whoever waits, when this node is the master. @throws OrlopError as the ledger does. */
  async run(nodeId: number): Promise<void> {
    if (this.#options.clients === 'none' && this.#options.nodes === 'none') return
    const nodes = await this.#chain.nodes()
    if (nodes.find((node) => node.nodeId === nodeId)?.isMaster !== true) return
    if (this.#options.nodes === 'all') {
      for (const node of nodes) {
        if (node.state !== 'pending') continue
        await this.#chain.admitNode(node.nodeId)
        this.#logger.info({ admittedNodeId: node.nodeId }, 'admitted a node')
      }
    }
    if (this.#options.clients === 'all') await this.#admitClients()
  }

  /** A ledger that lost blocks may have lost admissions, and gives the numbers of lost clients again: look at all of them anew. */
  async #notice(): Promise<void> {
    const { blockNumber } = await this.#chain.head()
    const { clientId, signer } = this.#seen
    const isLost =
      blockNumber < this.#headBlock ||
      (clientId > 0 && (await this.#chain.client(clientId))?.signer !== signer)
    // A rotated key looks like a lost client, and costs one more look at everybody.
    if (isLost) this.#seen = NOBODY
    this.#headBlock = blockNumber
  }

  async #admitClients(): Promise<void> {
    await this.#notice()
    // The ledger numbers clients from 1 without gaps.
    for (;;) {
      const clientId = this.#seen.clientId + 1
      const client = await this.#chain.client(clientId)
      if (client === null) break
      this.#seen = { clientId, signer: client.signer }
      if (client.state === 'pending') this.#pendingClientIds.add(clientId)
    }
    for (const clientId of this.#pendingClientIds) {
      const client = await this.#chain.client(clientId)
      if (client?.state === 'pending') {
        await this.#chain.admitClient(clientId, client.minimumImportance)
        this.#logger.info({ admittedClientId: clientId }, 'admitted a client')
      }
      this.#pendingClientIds.delete(clientId)
    }
  }
}
