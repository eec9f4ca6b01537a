import type { ChainClient } from '@orlop/protocol/ledger'
import type { Logger } from '@orlop/protocol/logger'

export interface AdmissionDeskOptions {
  /** Whom this node admits while it is the master. */
  clients: 'all' | 'none'
  nodes: 'all' | 'none'
}

/** The master's duty: lets newcomers in, as its operator decided. */
export class AdmissionDesk {
  readonly #chain: ChainClient
  readonly #options: AdmissionDeskOptions
  readonly #logger: Logger
  /** Clients up to this id have been seen. */
  #seenClientId = 0
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

  async #admitClients(): Promise<void> {
    // The ledger numbers clients from 1 without gaps.
    for (;;) {
      const clientId = this.#seenClientId + 1
      const client = await this.#chain.client(clientId)
      if (client === null) break
      this.#seenClientId = clientId
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
