import type { ApiClientDetail, ApiClients, ClientsQuery } from './clients.ts'
import type { ApiNode, ApiNodes, NodesQuery } from './nodes.ts'
import type { ApiHistory, HistoryQuery } from './history.ts'
import type { ApiObjectDetail, ApiObjects, ObjectsQuery } from './objects.ts'
import type { ApiOverview, ApiProgress, ApiStatistics, StatisticsQuery } from './overview.ts'
import type { ApiRatings, NodeCreditQuery, RatingsQuery } from './ratings.ts'
import type { ApiReceipts, ReceiptsQuery } from './receipts.ts'
import type { ApiSearch, SearchQuery } from './search.ts'
import type { ApiEvent } from './service.ts'
import type { ApiTransaction, ApiTransactions, TransactionsQuery } from './transactions.ts'

/**
 * What the API asks of an index of the ledger. Queries have passed their schemas; `limit` may be missing (`DEFAULT_PAGE_ITEMS`).
 * A cursor that this index did not make, or made for another filter, throws `OrlopError` `USAGE`. null means not found.
 */
export interface ExplorerReader {
  progress(): ApiProgress
  overview(): ApiOverview
  /** @throws OrlopError `USAGE` when the time asked for has more than `MAX_BUCKETS` buckets. */
  statistics(query: StatisticsQuery): ApiStatistics
  receipts(query: ReceiptsQuery): ApiReceipts
  objects(query: ObjectsQuery): ApiObjects
  object(key: { clientId: number; objectId: string }): ApiObjectDetail | null
  nodes(query: NodesQuery): ApiNodes
  node(nodeId: number): ApiNode | null
  /** null for a node that is not there; newest change first. */
  nodeCredit(nodeId: number, query: NodeCreditQuery): ApiRatings | null
  /** null for a node that is not there. */
  nodeHistory(nodeId: number, query: HistoryQuery): ApiHistory | null
  clients(query: ClientsQuery): ApiClients
  client(clientId: number): ApiClientDetail | null
  /** null for a client that is not there. */
  clientHistory(clientId: number, query: HistoryQuery): ApiHistory | null
  ratings(query: RatingsQuery): ApiRatings
  transactions(query: TransactionsQuery): ApiTransactions
  transaction(transactionHash: string): ApiTransaction | null
  search(query: SearchQuery): ApiSearch
  /** Calls `listener` for each change, after it can be queried, until the returned function is called. */
  subscribe(listener: (event: ApiEvent) => void): () => void
}
