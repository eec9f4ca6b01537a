import type { ApiAnswer, ApiRouteName } from '@orlop/protocol/api/routes'
import { DAY_MS, HOUR_MS, type ApiBucket } from '@orlop/protocol/api/overview'
import type { ApiRegistryEvent } from '@orlop/protocol/api/history'
import type { RatingKind } from '@orlop/protocol/api/ratings'
import type { ApiTransactionSummary } from '@orlop/protocol/api/transactions'
import { NOW_MS, type FixtureData } from './fixture-data.ts'
import { registryEventsOf, summaryOf, transactionsOf } from './fixture-history.ts'

type Values = Readonly<Record<string, string>>
type Answers = { [N in ApiRouteName]: (params: Values, query: Values) => ApiAnswer<N> | null }

const HEAD = { blockNumber: 40_000, blockHash: `0x${'a1'.repeat(32)}`, blockTimeMs: NOW_MS }
const PROGRESS = { indexed: HEAD, head: HEAD, isCaughtUp: true }
const CHANGING: ReadonlySet<RatingKind> = new Set(['rated', 'annulled'])
const ADDRESS = `0x${'0f'.repeat(20)}`

/** @param rpcUrl - that pages are told to ask; null for none. */
export function fixtureAnswers(data: FixtureData, rpcUrl: string | null): Answers {
  const { nodes, clients, objects, receipts, ratings } = data
  const by = (query: Values) => (item: object) =>
    ['clientId', 'nodeId', 'classCode', 'level', 'objectId', 'isCounted', 'kind'].every(
      (name) => query[name] === undefined || String((item as Values)[name]) === query[name],
    )
  return {
    overview: () => overviewOf(data),
    statistics: (_, query) => {
      const bucket = query['bucket'] === 'day' ? 'day' : 'hour'
      const [fromMs, toMs] = [Number(query['fromMs']), Number(query['toMs'])]
      const buckets = bucketsOf(data, { fromMs, toMs, stepMs: bucket === 'day' ? DAY_MS : HOUR_MS })
      return { bucket, fromMs, toMs, buckets: buckets.map((each) => ({ ...each, classes: [] })) }
    },
    receipts: (_, query) => pageOf(receipts.filter(by(query)), query),
    objects: (_, query) => pageOf(objects.filter(by(query)), query),
    object: (params) => objects.find(by(params)) ?? null,
    nodes: (_, query) => pageOf(nodes, query),
    node: ({ nodeId }) => nodes.find((node) => String(node.nodeId) === nodeId) ?? null,
    nodeCredit: (params, query) =>
      pageOf(
        ratings.filter(({ kind, isCounted }) => isCounted && CHANGING.has(kind)).filter(by(params)),
        query,
      ),
    nodeHistory: ({ nodeId }, query) => {
      const isThere = nodes.some((node) => String(node.nodeId) === nodeId)
      return isThere ? pageOf(historyOf(data, { nodeId: Number(nodeId) }), query) : null
    },
    clientHistory: ({ clientId }, query) => {
      const isThere = clients.some((client) => String(client.clientId) === clientId)
      return isThere ? pageOf(historyOf(data, { clientId: Number(clientId) }), query) : null
    },
    clients: (_, query) => pageOf(clients, query),
    client: ({ clientId }) =>
      clients.find((client) => String(client.clientId) === clientId) ?? null,
    ratings: (_, query) => pageOf(ratings.filter(by(query)), query),
    transactions: (_, query) => {
      const kind = query['kind']
      const isAsked = ({ kinds }: ApiTransactionSummary) =>
        kind === undefined
          ? query['heartbeats'] === 'true' || kinds.join() !== 'heartbeat'
          : kinds.some((each) => each === kind)
      return pageOf(transactionsOf(data).map(summaryOf).filter(isAsked), query)
    },
    transaction: ({ hash }) =>
      transactionsOf(data).find(({ transactionHash }) => transactionHash === hash) ?? null,
    search: (_, { q = '' }) => ({ items: searchFor(data, q) }),
    deployment: () => ({
      ...{ chainId: 4205, registry: ADDRESS, receipts: ADDRESS, credit: ADDRESS, fromBlock: 0 },
      rpcUrl,
      hasVault: false,
    }),
    health: () => ({ status: 'ok', version: '0.1.0', progress: PROGRESS, detail: null }),
  }
}

function pageOf<T>(items: readonly T[], query: Values): { items: T[]; nextCursor: string | null } {
  const from = Number(query['cursor'] ?? 0)
  const until = from + Number(query['limit'] ?? 50)
  return {
    items: items.slice(from, until),
    nextCursor: until < items.length ? String(until) : null,
  }
}

function bucketsOf(
  { receipts }: FixtureData,
  { fromMs, toMs, stepMs }: { fromMs: number; toMs: number; stepMs: number },
): ApiBucket[] {
  const firstMs = Math.floor(fromMs / stepMs) * stepMs
  return Array.from({ length: Math.ceil((toMs + 1 - firstMs) / stepMs) }, (_, place) => {
    const startMs = firstMs + place * stepMs
    const inside = receipts.filter(
      ({ position }) => Math.floor(position.blockTimeMs / stepMs) * stepMs === startMs,
    )
    const streamBytes = inside.reduce((sum, each) => sum + each.streamBytes, 0)
    return { startMs, receipts: inside.length, streamBytes, ratings: 0 }
  })
}

function overviewOf(data: FixtureData): ApiAnswer<'overview'> {
  const { nodes, clients, objects, receipts, ratings } = data
  const sum = (values: number[]) => values.reduce((total, value) => total + value, 0)
  const count = (state: string) => nodes.filter((node) => node.state === state).length
  const endMs = Math.ceil(NOW_MS / HOUR_MS) * HOUR_MS
  const classes = new Map<number, { classCode: number; receipts: number; streamBytes: number }>()
  for (const { classes: own } of clients) {
    for (const each of own) {
      const known = classes.get(each.classCode) ?? {
        classCode: each.classCode,
        receipts: 0,
        streamBytes: 0,
      }
      known.receipts += each.receipts
      known.streamBytes += each.streamBytes
      classes.set(each.classCode, known)
    }
  }
  return {
    progress: PROGRESS,
    totals: {
      receipts: receipts.length,
      objects: objects.length,
      clients: clients.length,
      nodes: nodes.length,
      ratings: ratings.length,
      liveStrips: receipts.filter(({ state }) => state === 'live').length,
      liveBytes: sum(objects.map(({ liveBytes }) => liveBytes)),
      capacityBytes: sum(nodes.map(({ capacityBytes }) => capacityBytes)),
      freeBytes: sum(nodes.map(({ freeBytes }) => freeBytes)),
    },
    nodeStates: {
      pending: count('pending'),
      admitted: count('admitted'),
      draining: count('draining'),
      retired: count('retired'),
    },
    creditDifferences: nodes.filter(({ isCreditConfirmed }) => !isCreditConfirmed).length,
    hours: bucketsOf(data, { fromMs: endMs - DAY_MS, toMs: endMs - 1, stepMs: HOUR_MS }),
    classes: [...classes.values()],
    recent: receipts.slice(0, 12),
  }
}

/** What became of one party. */
function historyOf(data: FixtureData, party: { nodeId: number } | { clientId: number }) {
  const isAbout = (event: ApiRegistryEvent): boolean => {
    if ('clientId' in party) return 'clientId' in event && event.clientId === party.clientId
    if (event.kind === 'masterChanged') {
      return event.fromNodeId === party.nodeId || event.toNodeId === party.nodeId
    }
    return 'nodeId' in event && event.nodeId === party.nodeId
  }
  return registryEventsOf(data).filter((event) => event.kind !== 'heartbeat' && isAbout(event))
}

function searchFor(data: FixtureData, text: string): ApiAnswer<'search'>['items'] {
  const { nodes, clients, objects } = data
  const wanted = text.toLowerCase()
  const fits = (name: string) => name.toLowerCase().includes(wanted)
  return [
    ...transactionsOf(data)
      .filter(({ transactionHash }) => transactionHash === wanted)
      .map(({ transactionHash, receipts, kinds }) => ({
        kind: 'transaction' as const,
        transactionHash,
        receipts: receipts.length,
        kinds,
      })),
    ...objects
      .filter(({ objectId }) => fits(objectId))
      .map(({ clientId, clientName, objectId }) => ({
        kind: 'object' as const,
        clientId,
        clientName,
        objectId,
      })),
    ...nodes
      .filter(({ name }) => fits(name))
      .map(({ nodeId, name }) => ({ kind: 'node' as const, nodeId, name })),
    ...clients
      .filter(({ name, imoNumber }) => fits(`${name} ${imoNumber ?? ''}`))
      .map(({ clientId, name, imoNumber }) => ({
        kind: 'client' as const,
        clientId,
        name,
        imoNumber,
      })),
  ].slice(0, 50)
}
