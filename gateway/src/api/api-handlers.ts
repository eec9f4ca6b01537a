import type { ExplorerReader } from '@orlop/protocol/api/explorer-reader'
import type { ApiAnswer, ApiParams, ApiQuery, ApiRouteName } from '@orlop/protocol/api/routes'
import type { ApiDeployment, ApiHealth } from '@orlop/protocol/api/service'
import { notFound } from './problem.ts'

export interface ApiParts {
  reader: ExplorerReader
  /** @param origin - where the caller reached the gateway, such as `https://explorer.example`. */
  deployment: (origin: string) => ApiDeployment
  health: () => ApiHealth
}

type ApiHandlers = {
  [N in ApiRouteName]: (params: ApiParams<N>, query: ApiQuery<N>, origin: string) => ApiAnswer<N>
}

/** What answers each route. Unknown things throw `OrlopError` `NOT_FOUND`. */
export function apiHandlers({ reader, deployment, health }: ApiParts): ApiHandlers {
  return {
    overview: () => reader.overview(),
    statistics: (_params, query) => reader.statistics(query),
    receipts: (_params, query) => reader.receipts(query),
    objects: (_params, query) => reader.objects(query),
    object: (key) =>
      reader.object(key) ?? missing(`object ${key.objectId} of client ${key.clientId}`),
    nodes: (_params, query) => reader.nodes(query),
    node: ({ nodeId }) => reader.node(nodeId) ?? missing(`node ${nodeId}`),
    nodeCredit: ({ nodeId }, query) =>
      reader.nodeCredit(nodeId, query) ?? missing(`node ${nodeId}`),
    nodeHistory: ({ nodeId }, query) =>
      reader.nodeHistory(nodeId, query) ?? missing(`node ${nodeId}`),
    clients: (_params, query) => reader.clients(query),
    client: ({ clientId }) => reader.client(clientId) ?? missing(`client ${clientId}`),
    clientHistory: ({ clientId }, query) =>
      reader.clientHistory(clientId, query) ?? missing(`client ${clientId}`),
    ratings: (_params, query) => reader.ratings(query),
    transactions: (_params, query) => reader.transactions(query),
    transaction: ({ hash }) => reader.transaction(hash) ?? missing(`transaction ${hash}`),
    search: (_params, query) => reader.search(query),
    deployment: (_params, _query, origin) => deployment(origin),
    health,
  }
}

function missing(what: string): never {
  throw notFound(what)
}
