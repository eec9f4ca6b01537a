import type { Clock } from '@orlop/protocol/clock'
import type { ChainClient } from '@orlop/protocol/ledger'
import type { Logger } from '@orlop/protocol/logger'

export interface AdmissionDeskOptions {
  /** Whom this node admits while it is the master. */
  clients: 'all' | 'none'
  nodes: 'all' | 'none'
}

export interface AdmissionDeskParts {
  chain: ChainClient
  clock: Clock
  logger: Logger
}

/** So long an admission may still vanish with the block it stands in: longer than any ledger takes to make a block final. */
const WATCH_MS = 3_600_000
/** An admission is looked at again after so long, then after twice, four times … as long. */
const FIRST_LOOK_MS = 5_000

const NOBODY = { clientId: 0, signer: '' }

/** A client whose admission may not be final. */
interface Watched {
  sinceMs: number
  nextMs: number
}

/** The master's duty: lets newcomers in, as its operator decided, and again when the ledger lost that. */
export class AdmissionDesk {
  readonly #parts: AdmissionDeskParts
  readonly #options: AdmissionDeskOptions
  /** Clients up to this one have been seen. */
  #seen = NOBODY
  #headBlock = 0
  /** By number, in the order of registration: seen pending, or admitted not long ago. */
  readonly #watched = new Map<number, Watched>()

  constructor(parts: AdmissionDeskParts, options: AdmissionDeskOptions) {
    this.#parts = parts
    this.#options = options
  }

  /** Admits whoever waits, when this node is the master. @throws OrlopError as the ledger does. */
  async run(nodeId: number): Promise<void> {
    const { chain, logger } = this.#parts
    if (this.#options.clients === 'none' && this.#options.nodes === 'none') return
    const nodes = await chain.nodes()
    if (nodes.find((node) => node.nodeId === nodeId)?.isMaster !== true) return
    if (this.#options.nodes === 'all') {
      for (const node of nodes) {
        if (node.state !== 'pending') continue
        await chain.admitNode(node.nodeId)
        logger.info({ admittedNodeId: node.nodeId }, 'admitted a node')
      }
    }
    if (this.#options.clients === 'all') {
      await this.#notice()
      await this.#seeNewcomers()
      await this.#admitClients()
    }
  }

  /** A ledger that lost blocks gives the numbers of lost clients again: look at all of them anew. */
  async #notice(): Promise<void> {
    const { chain } = this.#parts
    const { blockNumber } = await chain.head()
    const { clientId, signer } = this.#seen
    const isLost =
      blockNumber < this.#headBlock ||
      (clientId > 0 && (await chain.client(clientId))?.signer !== signer)
    // A rotated key looks like a lost client, and costs one more look at everybody.
    if (isLost) this.#seen = NOBODY
    this.#headBlock = blockNumber
  }

  /** The ledger numbers clients from 1 without gaps. */
  async #seeNewcomers(): Promise<void> {
    const { chain, clock } = this.#parts
    for (;;) {
      const clientId = this.#seen.clientId + 1
      const client = await chain.client(clientId)
      if (client === null) return
      this.#seen = { clientId, signer: client.signer }
      if (client.state !== 'pending') continue
      const nowMs = clock.monotonicMs()
      this.#watched.set(clientId, { sinceMs: nowMs, nextMs: nowMs })
    }
  }

  async #admitClients(): Promise<void> {
    const { chain, clock, logger } = this.#parts
    for (const [clientId, { sinceMs, nextMs }] of this.#watched) {
      if (clock.monotonicMs() < nextMs) continue
      const client = await chain.client(clientId)
      const isPending = client?.state === 'pending'
      if (isPending) {
        await chain.admitClient(clientId, client.minimumImportance)
        logger.info({ admittedClientId: clientId }, 'admitted a client')
      }
      const nowMs = clock.monotonicMs()
      const since = isPending ? nowMs : sinceMs
      const ageMs = nowMs - since
      if (ageMs >= WATCH_MS) this.#watched.delete(clientId)
      else {
        const next = { sinceMs: since, nextMs: nowMs + Math.max(FIRST_LOOK_MS, ageMs) }
        this.#watched.set(clientId, next)
      }
    }
  }
}
