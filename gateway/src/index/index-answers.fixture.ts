import type { ApiPage } from '@orlop/protocol/api/values'
import type { ExplorerIndex } from './explorer-index.ts'

/** Everything an index says, page by page: two that say the same hold the same. */
export function allAnswers(index: ExplorerIndex) {
  const receipts = allPages((cursor) => index.receipts({ limit: 7, ...cursor }))
  const objects = allPages((cursor) => index.objects({ limit: 3, ...cursor }))
  const transactions = allPages((cursor) =>
    index.transactions({ limit: 9, heartbeats: true, ...cursor }),
  )
  const { progress, ...overview } = index.overview()
  return {
    overview,
    indexed: progress.indexed,
    receipts,
    objects: objects.map(({ clientId, objectId }) => index.object({ clientId, objectId })),
    listed: objects,
    nodes: index.nodes({}),
    clients: index.clients({}).items.map(({ clientId }) => index.client(clientId)),
    credit: index.nodes({}).items.map(({ nodeId }) => index.nodeCredit(nodeId, { limit: 200 })),
    nodeHistories: index
      .nodes({})
      .items.map(({ nodeId }) => index.nodeHistory(nodeId, { limit: 200 })),
    clientHistories: index
      .clients({})
      .items.map(({ clientId }) => index.clientHistory(clientId, { limit: 200 })),
    ratings: allPages((cursor) => index.ratings({ limit: 5, ...cursor })),
    days: index.statistics({ bucket: 'day' }),
    listedTransactions: transactions,
    transactions: transactions.map(({ transactionHash }) => index.transaction(transactionHash)),
  }
}

/** Every item of a list, asked for with the cursor of the page before. */
export function allPages<T>(page: (query: { cursor?: string }) => ApiPage<T>): T[] {
  const items: T[] = []
  for (let cursor: string | null | undefined; cursor !== null;) {
    const answer = page(cursor === undefined ? {} : { cursor })
    items.push(...answer.items)
    cursor = answer.nextCursor
  }
  return items
}
