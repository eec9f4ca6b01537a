import type { ExplorerReader } from '@orlop/protocol/api/explorer-reader'
import type { ApiClientDetail, ApiClients, ClientsQuery } from '@orlop/protocol/api/clients'
import type { ApiHistory, HistoryQuery } from '@orlop/protocol/api/history'
import type { ApiNode, ApiNodes, NodesQuery } from '@orlop/protocol/api/nodes'
import type { ApiObjectDetail, ApiObjects, ObjectsQuery } from '@orlop/protocol/api/objects'
import type {
  ApiOverview,
  ApiProgress,
  ApiStatistics,
  StatisticsQuery,
} from '@orlop/protocol/api/overview'
import type { ApiRatings, NodeCreditQuery, RatingsQuery } from '@orlop/protocol/api/ratings'
import type { ApiReceipts, ReceiptsQuery } from '@orlop/protocol/api/receipts'
import type { ApiSearch, SearchQuery } from '@orlop/protocol/api/search'
import type { ApiEvent } from '@orlop/protocol/api/service'
import type {
  ApiTransaction,
  ApiTransactions,
  TransactionsQuery,
} from '@orlop/protocol/api/transactions'
import { OrlopError } from '@orlop/protocol/errors'
import { ExplorerChanges } from './explorer-changes.ts'
import { IndexFile, isDamage, type IndexFileOptions } from './index-file.ts'
import { IndexStore } from './index-store.ts'
import { ledgerRowId } from './ledger-row-id.ts'
import { ClientQueries } from './queries/client-queries.ts'
import { NodeQueries } from './queries/node-queries.ts'
import { ObjectQueries } from './queries/object-queries.ts'
import { OverviewQueries } from './queries/overview-queries.ts'
import { RatingQueries } from './queries/rating-queries.ts'
import { ReceiptQueries } from './queries/receipt-queries.ts'
import { RegistryQueries } from './queries/registry-queries.ts'
import { SearchQueries } from './queries/search-queries.ts'
import { TransactionQueries } from './queries/transaction-queries.ts'

/** Records announced one by one after a step; whoever missed some asks for the pages anew. */
const MAX_ANNOUNCED = 200

/** The copy of the ledger's history that the explorer shows: answers questions, and tells of changes. */
export class ExplorerIndex implements ExplorerReader {
  /** Where a follower writes. */
  readonly store: IndexStore
  readonly #file: IndexFile
  readonly #changes = new ExplorerChanges()
  readonly #clients: ClientQueries
  readonly #nodes: NodeQueries
  readonly #objects: ObjectQueries
  readonly #overview: OverviewQueries
  readonly #ratings: RatingQueries
  readonly #receipts: ReceiptQueries
  readonly #registry: RegistryQueries
  readonly #search: SearchQueries
  readonly #transactions: TransactionQueries
  #isDamaged = false

  /** Opens the file or makes it; one that cannot be used is made anew. @throws OrlopError `HOME_LOCKED`. */
  constructor(options: IndexFileOptions) {
    const file = new IndexFile(options)
    this.#file = file
    this.store = new IndexStore(file)
    this.#receipts = new ReceiptQueries(file)
    this.#ratings = new RatingQueries(file)
    this.#objects = new ObjectQueries({ file, receipts: this.#receipts, ratings: this.#ratings })
    this.#nodes = new NodeQueries(file)
    this.#clients = new ClientQueries(file)
    this.#registry = new RegistryQueries(file)
    this.#transactions = new TransactionQueries({
      file,
      store: this.store,
      receipts: this.#receipts,
      ratings: this.#ratings,
      registry: this.#registry,
    })
    this.#search = new SearchQueries({ file, transactions: this.#transactions })
    this.#overview = new OverviewQueries({
      file,
      store: this.store,
      receipts: this.#receipts,
      nodes: this.#nodes,
    })
  }

  /** Set when SQLite says so; the next step of a follower makes the file anew. */
  set isDamaged(isDamaged: boolean) {
    this.#isDamaged = isDamaged
  }

  close(): void {
    this.#file.close()
  }

  /** @returns whether the file was made anew. */
  rebuildIfDamaged(): boolean {
    if (!this.#isDamaged) return false
    this.#file.rebuild('the file is damaged')
    this.#isDamaged = false
    this.announceRollback(0)
    return true
  }

  progress(): ApiProgress {
    return this.#ask(() => this.#overview.progress())
  }

  overview(): ApiOverview {
    return this.#ask(() => this.#overview.overview())
  }

  statistics(query: StatisticsQuery): ApiStatistics {
    return this.#ask(() => this.#overview.statistics(query))
  }

  receipts(query: ReceiptsQuery): ApiReceipts {
    return this.#ask(() => this.#receipts.page(query))
  }

  objects(query: ObjectsQuery): ApiObjects {
    return this.#ask(() => this.#objects.page(query))
  }

  object(key: { clientId: number; objectId: string }): ApiObjectDetail | null {
    return this.#ask(() => this.#objects.detail(key))
  }

  nodes(query: NodesQuery): ApiNodes {
    return this.#ask(() => this.#nodes.page(query))
  }

  node(nodeId: number): ApiNode | null {
    return this.#ask(() => this.#nodes.one(nodeId))
  }

  nodeCredit(nodeId: number, query: NodeCreditQuery): ApiRatings | null {
    return this.#ask(() =>
      this.#nodes.one(nodeId) === null ? null : this.#ratings.changesOf(nodeId, query),
    )
  }

  nodeHistory(nodeId: number, query: HistoryQuery): ApiHistory | null {
    return this.#ask(() =>
      this.#nodes.one(nodeId) === null ? null : this.#registry.ofNode(nodeId, query),
    )
  }

  clients(query: ClientsQuery): ApiClients {
    return this.#ask(() => this.#clients.page(query))
  }

  client(clientId: number): ApiClientDetail | null {
    return this.#ask(() => this.#clients.detail(clientId))
  }

  clientHistory(clientId: number, query: HistoryQuery): ApiHistory | null {
    return this.#ask(() =>
      this.#clients.detail(clientId) === null ? null : this.#registry.ofClient(clientId, query),
    )
  }

  ratings(query: RatingsQuery): ApiRatings {
    return this.#ask(() => this.#ratings.page(query))
  }

  transactions(query: TransactionsQuery): ApiTransactions {
    return this.#ask(() => this.#transactions.page(query))
  }

  transaction(transactionHash: string): ApiTransaction | null {
    return this.#ask(() => this.#transactions.one(transactionHash))
  }

  search(query: SearchQuery): ApiSearch {
    return this.#ask(() => this.#search.search(query))
  }

  subscribe(listener: (event: ApiEvent) => void): () => void {
    return this.#changes.subscribe(listener)
  }

  /** Tells of the newest receipts, ratings and transactions from this block on, and of the newest block. */
  announceSince(fromBlock: number): void {
    const fromId = ledgerRowId(fromBlock, 0)
    for (const data of this.#receipts.since(fromId, MAX_ANNOUNCED)) {
      this.#changes.emit({ name: 'record', data })
    }
    for (const data of this.#ratings.since(fromId, MAX_ANNOUNCED)) {
      this.#changes.emit({ name: 'rating', data })
    }
    for (const data of this.#transactions.since(fromId, MAX_ANNOUNCED)) {
      this.#changes.emit({ name: 'transaction', data })
    }
    const head = this.store.indexed
    if (head !== null) this.#changes.emit({ name: 'head', data: head })
  }

  announceNodes(nodeIds: readonly number[]): void {
    for (const nodeId of nodeIds.slice(0, MAX_ANNOUNCED)) {
      const data = this.#nodes.one(nodeId)
      if (data !== null) this.#changes.emit({ name: 'node', data })
    }
  }

  /** Tells that the rows of all blocks after this one are gone. */
  announceRollback(blockNumber: number): void {
    this.#changes.emit({ name: 'rollback', data: { blockNumber } })
  }

  #ask<T>(question: () => T): T {
    try {
      return question()
    } catch (error) {
      if (!isDamage(error)) throw error
      this.#isDamaged = true
      throw new OrlopError(
        'INTERNAL',
        'The file of the index is damaged. It is being made anew from the ledger: ask again in a few minutes.',
        { cause: error },
      )
    }
  }
}
