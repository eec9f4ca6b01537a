import * as z from 'zod'
import { apiClientDetail, apiClients, clientParams, clientsQuery } from './clients.ts'
import { apiNode, apiNodes, nodeParams, nodesQuery } from './nodes.ts'
import { apiHistory, historyQuery } from './history.ts'
import { apiObjectDetail, apiObjects, objectParams, objectsQuery } from './objects.ts'
import { apiOverview, apiStatistics, statisticsQuery } from './overview.ts'
import { queryHash } from './query-values.ts'
import { apiRatings, nodeCreditQuery, ratingsQuery } from './ratings.ts'
import { apiReceipts, receiptsQuery } from './receipts.ts'
import { apiSearch, searchQuery } from './search.ts'
import { apiDeployment, apiHealth } from './service.ts'
import { apiTransaction, apiTransactions, transactionsQuery } from './transactions.ts'

/** One address of the API: all of them are GET and answer JSON. */
export interface ApiRoute {
  /** With `{name}` for each of `params`. */
  readonly path: string
  readonly summary: string
  readonly params: z.ZodObject
  readonly query: z.ZodObject
  readonly answer: z.ZodObject
}

const nothing = z.strictObject({})
const route = <const R extends ApiRoute>(of: R): R => of

/** What gateway and explorer share: paths, what may be asked, what is answered. The OpenAPI document is made from this. */
export const API_ROUTES = {
  overview: route({
    path: '/v1/overview',
    summary: 'Totals of the network, its last 24 hours and its newest receipts',
    params: nothing,
    query: nothing,
    answer: apiOverview,
  }),
  statistics: route({
    path: '/v1/statistics',
    summary: 'Receipts, bytes and ratings for each hour or day',
    params: nothing,
    query: statisticsQuery,
    answer: apiStatistics,
  }),
  receipts: route({
    path: '/v1/receipts',
    summary: 'Storage records, newest first',
    params: nothing,
    query: receiptsQuery,
    answer: apiReceipts,
  }),
  objects: route({
    path: '/v1/objects',
    summary: 'Objects, newest first',
    params: nothing,
    query: objectsQuery,
    answer: apiObjects,
  }),
  object: route({
    path: '/v1/objects/{clientId}/{objectId}',
    summary: 'One object with its strips and what happened to it',
    params: objectParams,
    query: nothing,
    answer: apiObjectDetail,
  }),
  nodes: route({
    path: '/v1/nodes',
    summary: 'Storage nodes',
    params: nothing,
    query: nodesQuery,
    answer: apiNodes,
  }),
  node: route({
    path: '/v1/nodes/{nodeId}',
    summary: 'One storage node',
    params: nodeParams,
    query: nothing,
    answer: apiNode,
  }),
  nodeCredit: route({
    path: '/v1/nodes/{nodeId}/credit',
    summary: 'Every change of a node’s credit with its cause, newest first',
    params: nodeParams,
    query: nodeCreditQuery,
    answer: apiRatings,
  }),
  nodeHistory: route({
    path: '/v1/nodes/{nodeId}/history',
    summary: 'What became of a node in the registry, newest first; without its heartbeats',
    params: nodeParams,
    query: historyQuery,
    answer: apiHistory,
  }),
  clients: route({
    path: '/v1/clients',
    summary: 'Ships and shore clients',
    params: nothing,
    query: clientsQuery,
    answer: apiClients,
  }),
  client: route({
    path: '/v1/clients/{clientId}',
    summary: 'One ship or shore client',
    params: clientParams,
    query: nothing,
    answer: apiClientDetail,
  }),
  clientHistory: route({
    path: '/v1/clients/{clientId}/history',
    summary: 'What became of a ship or shore client in the registry, newest first',
    params: clientParams,
    query: historyQuery,
    answer: apiHistory,
  }),
  ratings: route({
    path: '/v1/ratings',
    summary: 'Ratings, counted or not, and what was done about them, newest first',
    params: nothing,
    query: ratingsQuery,
    answer: apiRatings,
  }),
  transactions: route({
    path: '/v1/transactions',
    summary: 'Transactions that changed Orlop’s contracts, newest first',
    params: nothing,
    query: transactionsQuery,
    answer: apiTransactions,
  }),
  transaction: route({
    path: '/v1/transactions/{hash}',
    summary: 'All that one transaction of the ledger did',
    params: z.strictObject({ hash: queryHash }),
    query: nothing,
    answer: apiTransaction,
  }),
  search: route({
    path: '/v1/search',
    summary: 'Find an object, transaction, ship or node',
    params: nothing,
    query: searchQuery,
    answer: apiSearch,
  }),
  deployment: route({
    path: '/v1/deployment',
    summary: 'Which chain and contracts are shown',
    params: nothing,
    query: nothing,
    answer: apiDeployment,
  }),
  health: route({
    path: '/v1/health',
    summary: 'Whether the gateway serves and how far its index has come',
    params: nothing,
    query: nothing,
    answer: apiHealth,
  }),
} as const

export type ApiRouteName = keyof typeof API_ROUTES
export type ApiParams<N extends ApiRouteName> = z.output<(typeof API_ROUTES)[N]['params']>
export type ApiQuery<N extends ApiRouteName> = z.output<(typeof API_ROUTES)[N]['query']>
export type ApiAnswer<N extends ApiRouteName> = z.output<(typeof API_ROUTES)[N]['answer']>
/** Server-sent events, see `apiEvents`. */
export const API_EVENTS_PATH = '/v1/events'
