import { DAY_MS, HOUR_MS } from '@orlop/protocol/api/overview'
import type { Receipt } from '@orlop/protocol/ledger-records'
import { formatObjectId } from '@orlop/protocol/ids'
import type { Seeded } from './seeded.ts'

/** A page of the explorer, by what it asks the API for; about a receipt that is somewhere in the history. */
export interface ExplorerRequest {
  readonly page: string
  path(about: Receipt, random: Seeded): string
}

const name = (about: Receipt) => encodeURIComponent(formatObjectId(about.objectId))
const hex = (bytes: Uint8Array) => `0x${Buffer.from(bytes).toString('hex')}`
/** A month somewhere in the history. */
const month = ({ position }: Receipt) =>
  `fromMs=${position.blockTimeMs - 30 * DAY_MS}&toMs=${position.blockTimeMs}`

/** Every question of the API; lists with the largest page, filters also where they find nothing. */
export const EXPLORER_REQUESTS: readonly ExplorerRequest[] = [
  { page: 'overview', path: () => '/v1/overview' },
  { page: 'statistics, 24 hours', path: () => '/v1/statistics?bucket=hour' },
  {
    page: 'statistics, 1000 hours',
    path: ({ position: { blockTimeMs } }) =>
      `/v1/statistics?bucket=hour&fromMs=${blockTimeMs - 999 * HOUR_MS}&toMs=${blockTimeMs}`,
  },
  {
    page: 'statistics, a year',
    path: ({ position: { blockTimeMs } }) =>
      `/v1/statistics?bucket=day&fromMs=${blockTimeMs - 364 * DAY_MS}&toMs=${blockTimeMs}`,
  },
  { page: 'receipts', path: () => '/v1/receipts?limit=200' },
  {
    page: 'receipts by ship',
    path: ({ clientId }) => `/v1/receipts?limit=200&clientId=${clientId}`,
  },
  { page: 'receipts by node', path: ({ nodeId }) => `/v1/receipts?limit=200&nodeId=${nodeId}` },
  {
    page: 'receipts by class and level',
    path: ({ classCode, level }) => `/v1/receipts?limit=200&classCode=${classCode}&level=${level}`,
  },
  {
    page: 'receipts by ship, node, class and month',
    path: (about) =>
      `/v1/receipts?limit=200&clientId=${about.clientId}&nodeId=${about.nodeId}&classCode=${about.classCode}&${month(about)}`,
  },
  {
    page: 'receipts that are not there',
    path: ({ nodeId }) => `/v1/receipts?limit=200&nodeId=${nodeId}&level=3&classCode=12`,
  },
  {
    page: 'receipts of a transaction',
    path: ({ position }) => `/v1/receipts?limit=200&transactionHash=${position.transactionHash}`,
  },
  { page: 'objects', path: () => '/v1/objects?limit=200' },
  { page: 'objects by ship', path: ({ clientId }) => `/v1/objects?limit=200&clientId=${clientId}` },
  { page: 'objects by node', path: ({ nodeId }) => `/v1/objects?limit=200&nodeId=${nodeId}` },
  {
    page: 'objects by ship, node and month',
    path: (about) =>
      `/v1/objects?limit=200&clientId=${about.clientId}&nodeId=${about.nodeId}&${month(about)}`,
  },
  {
    page: 'objects that are not there',
    path: ({ nodeId }) => `/v1/objects?limit=200&nodeId=${nodeId}&level=3`,
  },
  { page: 'object', path: (about) => `/v1/objects/${about.clientId}/${name(about)}` },
  { page: 'nodes', path: () => '/v1/nodes' },
  { page: 'node', path: ({ nodeId }) => `/v1/nodes/${nodeId}` },
  { page: 'credit of a node', path: ({ nodeId }) => `/v1/nodes/${nodeId}/credit?limit=200` },
  { page: 'history of a node', path: ({ nodeId }) => `/v1/nodes/${nodeId}/history?limit=200` },
  {
    page: 'history of a ship',
    path: ({ clientId }) => `/v1/clients/${clientId}/history?limit=200`,
  },
  { page: 'ships', path: () => '/v1/clients?limit=200' },
  { page: 'ship', path: ({ clientId }) => `/v1/clients/${clientId}` },
  { page: 'ratings', path: () => '/v1/ratings?limit=200' },
  {
    page: 'ratings by node, ship and score',
    path: ({ nodeId, clientId }, random) =>
      `/v1/ratings?limit=200&nodeId=${nodeId}&clientId=${clientId}&score=${1 + random.below(5)}`,
  },
  { page: 'ratings that did not count', path: () => '/v1/ratings?limit=200&isCounted=false' },
  { page: 'ratings taken back', path: () => '/v1/ratings?limit=200&kind=annulled' },
  { page: 'transactions', path: () => '/v1/transactions?limit=200' },
  {
    page: 'transactions with heartbeats',
    path: () => '/v1/transactions?limit=200&heartbeats=true',
  },
  { page: 'transactions that recorded', path: () => '/v1/transactions?limit=200&kind=recorded' },
  {
    page: 'transactions that moved nodes, of a month',
    path: (about) => `/v1/transactions?limit=200&kind=nodeUpdated&${month(about)}`,
  },
  { page: 'transaction', path: ({ position }) => `/v1/transactions/${position.transactionHash}` },
  { page: 'search, object', path: (about) => `/v1/search?q=${name(about)}` },
  { page: 'search, root', path: ({ root }) => `/v1/search?q=${hex(root)}` },
  {
    page: 'search, transaction',
    path: ({ position }) => `/v1/search?q=${position.transactionHash}`,
  },
  { page: 'search, name', path: () => '/v1/search?q=aurora' },
]
