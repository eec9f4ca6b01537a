import type { ApiRegistryEvent } from '@orlop/protocol/api/history'
import { HOUR_MS } from '@orlop/protocol/api/overview'
import type { ApiRating } from '@orlop/protocol/api/ratings'
import {
  TRANSACTION_KINDS,
  type ApiTransaction,
  type ApiTransactionSummary,
  type TransactionKind,
} from '@orlop/protocol/api/transactions'
import {
  HOSTILE_NAME,
  NOW_MS,
  addressNamed,
  hashNamed,
  positionAt,
  type FixtureData,
} from './fixture-data.ts'

/** Two hundred of these are less than the fixture's ledger is old. */
const STEP_MS = HOUR_MS / 2
const RIGHTS = { reason: null, steward: null, reasonHash: null } as const

/** What a node and the steward did about the newest bad rating, and a rating that came too often, before the others. */
export function disputesOf(ratings: readonly ApiRating[]): ApiRating[] {
  const [newest] = ratings
  const bad = ratings.filter(({ score }) => score < 5)
  const [annulled, dismissed] = bad
  if (newest === undefined || annulled === undefined || dismissed === undefined) return []
  const still = (rating: ApiRating) => ({
    beforeMillionths: rating.afterMillionths,
    recomputedMillionths: rating.afterMillionths,
  })
  const at = (minutes: number, name: string) =>
    positionAt(newest.position.blockTimeMs + minutes * 60_000, name, 0)
  const said = { ...RIGHTS, steward: addressNamed('node 1') }
  const reasonHash = hashNamed('reasons')
  return [
    {
      ...newest,
      ...{ ...still(newest), sequence: newest.sequence + 4000, isCounted: false },
      position: at(4, 'rating too often'),
    },
    {
      ...{ ...annulled, ...said, kind: 'annulled', reason: `Link was down ${HOSTILE_NAME}` },
      beforeMillionths: annulled.afterMillionths,
      afterMillionths: annulled.beforeMillionths,
      recomputedMillionths: annulled.beforeMillionths,
      position: at(3, 'annulment'),
    },
    {
      ...{ ...dismissed, ...still(dismissed), ...said, kind: 'dismissed' },
      reason: 'The link was up.',
      position: at(2, 'dismissal'),
    },
    ...[annulled, dismissed].map((rating, place): ApiRating => ({
      ...{ ...rating, ...still(rating), kind: 'appealed', reasonHash },
      position: at(1 - place, `appeal ${place}`),
    })),
  ]
}

/** What became of the fixture's nodes and clients, newest first. */
export function registryEventsOf({ nodes, clients }: FixtureData): ApiRegistryEvent[] {
  const events: ApiRegistryEvent[] = []
  for (const { nodeId, name: nodeName, account, tier, state, ...node } of nodes) {
    const at = (stepsAgo: number, name: string) => ({
      nodeId,
      nodeName,
      position: positionAt(NOW_MS - stepsAgo * STEP_MS - nodeId * HOUR_MS, `${name} ${nodeId}`, 0),
    })
    const { peerId, addresses, region, capacityBytes } = node
    const profile = { name: nodeName, peerId, addresses, region, capacityBytes }
    const first = { ...profile, addresses: ['/ip4/203.0.113.9/tcp/4001'], capacityBytes: 10 ** 12 }
    const stateChange = { kind: 'nodeStateChanged' as const, from: 'pending' as const }
    events.push(
      { kind: 'nodeRegistered', ...at(200, 'register'), account, tier, profile: first },
      { ...stateChange, ...at(199, 'admit'), to: 'admitted', reason: '' },
      { kind: 'nodeUpdated', ...at(90, 'update'), profile, before: first },
      {
        kind: 'heartbeat',
        ...{ nodeId, nodeName, freeBytes: node.freeBytes },
        position: positionAt(NOW_MS - nodeId * 1000, `beat ${nodeId}`, 0),
      },
    )
    if (state === 'draining') {
      const drained = { ...at(2, 'drain'), to: state, reason: 'dry dock until March' }
      events.push({ kind: 'nodeStateChanged', from: 'admitted', ...drained })
    }
    if (tier === 'light') {
      const reason = 'slow disk'
      events.push({ kind: 'nodeTierChanged', ...at(60, 'tier'), from: 'heavy', to: tier, reason })
    }
    if (node.isMaster) {
      const { position } = at(198, 'master')
      const role = { role: 'steward' as const, account, sender: addressNamed('admin') }
      events.push(
        { kind: 'roleGranted', ...role, position },
        {
          ...{ kind: 'masterChanged', fromNodeId: null, toNodeId: nodeId },
          position: { ...position, logIndex: 1 },
        },
      )
    }
  }
  for (const client of clients) events.push(...clientEventsOf(client))
  return events.sort(
    (left, right) =>
      right.position.blockTimeMs - left.position.blockTimeMs ||
      right.position.logIndex - left.position.logIndex,
  )
}

function clientEventsOf(client: FixtureData['clients'][number]): ApiRegistryEvent[] {
  const { clientId, name, signer, recovery, openingKey, imoNumber, minimumImportance } = client
  const at = (stepsAgo: number, label: string) => ({
    ...{ clientId, clientName: name },
    position: positionAt(
      NOW_MS - stepsAgo * STEP_MS - clientId * 60_000,
      `${label} ${clientId}`,
      0,
    ),
  })
  const oldSigner = addressNamed(`old signer ${clientId}`)
  const events: ApiRegistryEvent[] = [
    {
      kind: 'clientRegistered',
      ...{ ...at(190, 'enrol'), signer: oldSigner, recovery, openingKey, imoNumber, name },
    },
  ]
  const change = { kind: 'clientStateChanged', minimumImportance } as const
  if (client.state !== 'pending') {
    events.push({ ...change, ...at(189, 'let in'), from: 'pending', to: 'admitted', reason: '' })
  }
  if (clientId === 2) {
    const [from, to] = ['admitted', 'suspended'] as const
    events.push({ ...change, ...at(30, 'suspend'), from, to, reason: 'fee not paid' })
    events.push({ ...change, ...at(29, 'let in again'), from: to, to: from, reason: 'fee paid' })
  }
  if (clientId === 1) {
    const keys = { oldSigner, newSigner: signer, newOpeningKey: openingKey }
    events.push({ kind: 'signerRotated', ...at(40, 'rotate'), ...keys })
  }
  return events
}

/** All that the fixture's transactions did, newest first. */
export function transactionsOf(data: FixtureData): ApiTransaction[] {
  const objectEvents = data.objects.flatMap(({ events }) => events)
  const all = [
    ...data.receipts.map((receipt) => ({ receipt, kind: 'recorded' as const })),
    ...objectEvents.map((event) => ({ event, kind: event.kind })),
    ...data.ratings.map((rating) => ({ rating, kind: rating.kind })),
    ...registryEventsOf(data).map((registryEvent) => ({ registryEvent, kind: registryEvent.kind })),
  ]
  const positionOf = (log: (typeof all)[number]) =>
    ('receipt' in log
      ? log.receipt
      : 'event' in log
        ? log.event
        : 'rating' in log
          ? log.rating
          : log.registryEvent
    ).position
  const groups = Map.groupBy(all, (log) => positionOf(log).transactionHash)
  return [...groups.values()]
    .flatMap((group) => {
      const logs = group.toSorted(
        (left, right) => positionOf(left).logIndex - positionOf(right).logIndex,
      )
      const [first] = logs
      if (first === undefined) return []
      const { transactionHash, blockNumber, blockHash, blockTimeMs } = positionOf(first)
      const kinds = new Set<TransactionKind>(logs.map(({ kind }) => kind))
      return {
        ...{ transactionHash, blockNumber, blockHash, blockTimeMs },
        kinds: TRANSACTION_KINDS.filter((kind) => kinds.has(kind)),
        receipts: logs.flatMap((log) => ('receipt' in log ? [log.receipt] : [])),
        events: logs.flatMap((log) => ('event' in log ? [log.event] : [])),
        ratings: logs.flatMap((log) => ('rating' in log ? [log.rating] : [])),
        registryEvents: logs.flatMap((log) => ('registryEvent' in log ? [log.registryEvent] : [])),
        isTruncated: false,
      }
    })
    .sort((left, right) => right.blockTimeMs - left.blockTimeMs)
}

/** What a list shows of a transaction. */
export function summaryOf(transaction: ApiTransaction): ApiTransactionSummary {
  const { transactionHash, blockNumber, blockHash, blockTimeMs, kinds, receipts } = transaction
  const { ratings, registryEvents } = transaction
  const clients = new Map<number, string>()
  const nodes = new Map<number, string>()
  for (const { clientId, clientName, nodeId, nodeName } of [...receipts, ...ratings]) {
    clients.set(clientId, clientName)
    nodes.set(nodeId, nodeName)
  }
  for (const event of registryEvents) {
    if ('clientId' in event) clients.set(event.clientId, event.clientName)
    if ('nodeId' in event) nodes.set(event.nodeId, event.nodeName)
  }
  return {
    ...{ transactionHash, blockNumber, blockHash, blockTimeMs, kinds },
    receiptCount: receipts.length,
    streamBytes: receipts.reduce((sum, { streamBytes }) => sum + streamBytes, 0),
    clients: [...clients].map(([clientId, name]) => ({ clientId, name })).slice(0, 5),
    nodes: [...nodes].map(([nodeId, name]) => ({ nodeId, name })).slice(0, 5),
  }
}
