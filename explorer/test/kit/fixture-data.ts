import { createHash } from 'node:crypto'
import type { ApiClientDetail } from '@orlop/protocol/api/clients'
import type { ApiNode } from '@orlop/protocol/api/nodes'
import type { ApiObjectDetail } from '@orlop/protocol/api/objects'
import { HOUR_MS } from '@orlop/protocol/api/overview'
import type { ApiRating } from '@orlop/protocol/api/ratings'
import type { ApiReceipt } from '@orlop/protocol/api/receipts'
import type { ApiPosition } from '@orlop/protocol/api/values'
import { formatObjectId } from '@orlop/protocol/ids'
import { disputesOf } from './fixture-history.ts'

/** The newest block of the fixture. */
export const NOW_MS = Date.UTC(2026, 10, 22, 9, 41, 12)
const RATED = 3
const STRIPS = 3

const digest = (name: string) => createHash('sha256').update(name).digest()
export const hashNamed = (name: string) => `0x${digest(name).toString('hex')}`
export const addressNamed = (name: string) => `0x${digest(name).toString('hex').slice(0, 40)}`

/** What anybody may register as a name, and what must show as text. */
export const HOSTILE_NAME = '<img src=x onerror=alert(1)>"; DROP TABLE clients; --'

/** Read from right to left, with digits that are not. */
export const RIGHT_TO_LEFT_NAME = 'نجمة الخليج 7 العربي'
/** As long as a name is shown, without a place to break it. */
export const LONG_NAME = 'PRINCESSOFTHENORTHERNSEAS'.repeat(10)

const SHIPS = [
  { name: 'ORLOP PIONEER', imoNumber: 9074729 },
  { name: '远洋之星 YUAN YANG ZHI XING', imoNumber: 9321483 },
  { name: HOSTILE_NAME, imoNumber: null },
  { name: 'Piraeus fleet office', imoNumber: null },
  { name: 'AEGEAN TRADER', imoNumber: 9247443 },
  { name: RIGHT_TO_LEFT_NAME, imoNumber: 9074731 },
  { name: LONG_NAME, imoNumber: 9176187 },
]
const REGIONS = ['GR-PIR', 'CN-SHA', 'NL-RTM', 'SG-SIN', 'CN-NGB', 'DE-HAM', 'NO-OSL', 'JP-YOK']
const CLASSES = [1, 4, 5, 7, 9, 9, 9, 10, 0, 8]

const at = <T>(list: readonly T[], place: number): T => {
  const item = list[place % list.length]
  if (item === undefined) throw new RangeError('list: expected items, got none')
  return item
}

export function positionAt(timeMs: number, name: string, logIndex: number): ApiPosition {
  const blockNumber = 40_000 - Math.round((NOW_MS - timeMs) / 12_000)
  return {
    blockNumber,
    blockHash: hashNamed(`block ${blockNumber}`),
    blockTimeMs: timeMs,
    transactionHash: hashNamed(`transaction ${name}`),
    logIndex,
  }
}

/** Everything a gateway would tell of a small fleet, the same at every run. */
export interface FixtureData {
  nodes: ApiNode[]
  clients: ApiClientDetail[]
  objects: ApiObjectDetail[]
  receipts: ApiReceipt[]
  ratings: ApiRating[]
}

function receiptOf(object: number, index: number, timeMs: number): ApiReceipt {
  const nodeId = ((object + index * 3) % 8) + 1
  const ship = at(SHIPS, object)
  return {
    objectId: formatObjectId(digest(`object ${object}`)),
    clientId: (object % SHIPS.length) + 1,
    clientName: ship.name,
    nodeId,
    nodeName: `A0${nodeId}`,
    sequence: object * STRIPS + index,
    index,
    k: object % 4 === 3 ? 2 : 1,
    m: object % 4 === 3 ? 1 : 2,
    classCode: at(CLASSES, object),
    level: object % 3 === 0 ? 1 : 2,
    isMovable: true,
    streamBytes: 900 + ((object * 7919 * 613) % 18_000_000),
    expirySeconds: Math.floor(NOW_MS / 1000) + 5 * 365 * 86_400,
    batchId: Math.floor(object / 4),
    headerHash: hashNamed(`header ${object}`),
    root: hashNamed(`root ${object} ${index}`),
    state: object % 17 === 5 ? 'removed' : 'live',
    score: object % RATED === 0 ? 5 - (object % 4 === 0 && index === 0 ? 2 : 0) : null,
    position: positionAt(timeMs, String(Math.floor(object / 4)), (object % 4) * STRIPS + index),
  }
}

function ratingsOf(receipts: readonly ApiReceipt[]): ApiRating[] {
  const credit = new Map<number, number>()
  return receipts
    .filter(({ score }) => score !== null)
    .toReversed()
    .map((receipt, place) => {
      const beforeMillionths = credit.get(receipt.nodeId) ?? 25_000
      const score = receipt.score ?? 5
      const target = score === 5 ? 949_000 : 300_000
      const afterMillionths = Math.round(beforeMillionths + (target - beforeMillionths) * 0.24)
      credit.set(receipt.nodeId, afterMillionths)
      const { nodeId, nodeName, clientId, clientName, sequence, objectId } = receipt
      return {
        ...{ kind: 'rated' as const, nodeId, nodeName, clientId, clientName, sequence, objectId },
        ...{ score, causeCode: score === 5 ? 1 : 2 },
        ...{ beforeMillionths, afterMillionths, recomputedMillionths: afterMillionths },
        ...{ isCounted: true, reason: null, steward: null, reasonHash: null },
        position: positionAt(receipt.position.blockTimeMs + 20_000, `rating ${place}`, 0),
      }
    })
    .toReversed()
}

function objectOf(strips: ApiReceipt[], ratings: readonly ApiRating[]): ApiObjectDetail {
  const first = at(strips, 0)
  const { objectId, clientId, clientName, classCode, level, k, m, streamBytes, expirySeconds } =
    first
  const live = strips.filter(({ state }) => state === 'live')
  const isRemoved = live.length === 0
  const timeMs = first.position.blockTimeMs
  const removal = { kind: 'removed' as const, objectId, clientId, index: 255 }
  return {
    ...{ objectId, clientId, clientName, classCode, level, k, m, streamBytes, expirySeconds },
    state: isRemoved ? 'removed' : 'live',
    receipts: strips.length,
    liveStrips: live.length,
    liveBytes: live.length * streamBytes,
    envelopeVersion: null,
    firstRecordedMs: timeMs,
    lastRecordedMs: timeMs,
    headerHash: first.headerHash,
    strips,
    events: isRemoved
      ? [{ ...removal, position: positionAt(timeMs + 600_000, `remove ${objectId}`, 0) }]
      : [],
    ratings: ratings.filter((rating) => rating.objectId === objectId),
    isTruncated: false,
  }
}

function nodeOf(
  nodeId: number,
  receipts: readonly ApiReceipt[],
  ratings: readonly ApiRating[],
): ApiNode {
  const own = receipts.filter((receipt) => receipt.nodeId === nodeId)
  const credit = ratings.find((rating) => rating.nodeId === nodeId)?.afterMillionths ?? 25_000
  const liveBytes = own.reduce((sum, { streamBytes }) => sum + streamBytes, 0)
  const capacityBytes = nodeId === 8 ? 20_000_000_000 : 4_000_000_000_000
  return {
    nodeId,
    account: addressNamed(`node ${nodeId}`),
    name: `A0${nodeId}`,
    peerId: `12D3KooW${digest(`peer ${nodeId}`).toString('hex').slice(0, 44)}`,
    addresses: [`/ip4/192.0.2.${nodeId}/tcp/4${nodeId}01`],
    tier: nodeId === 8 ? 'light' : 'heavy',
    region: at(REGIONS, nodeId - 1),
    capacityBytes,
    freeBytes: Math.round(capacityBytes * (0.35 + nodeId * 0.07)),
    lastSeenMs: NOW_MS - nodeId * 9000,
    state: nodeId === 7 ? 'draining' : 'admitted',
    isMaster: nodeId === 1,
    creditMillionths: credit,
    recomputedMillionths: nodeId === 6 ? credit - 12_000 : credit,
    isCreditConfirmed: nodeId !== 6,
    ratings: ratings.filter((rating) => rating.nodeId === nodeId).length,
    receipts: own.length,
    liveStrips: own.length,
    liveBytes,
    lastRecordedMs: own[0]?.position.blockTimeMs ?? null,
  }
}

function clientOf(place: number, objects: readonly ApiObjectDetail[]): ApiClientDetail {
  const clientId = place + 1
  const { name, imoNumber } = at(SHIPS, place)
  const own = objects.filter((object) => object.clientId === clientId)
  const classes = Map.groupBy(own, ({ classCode }) => classCode)
  return {
    ...{ clientId, name, imoNumber },
    signer: addressNamed(`signer ${clientId}`),
    recovery: addressNamed(`recovery ${clientId}`),
    openingKey: hashNamed(`opening ${clientId}`),
    state: clientId === 4 ? 'pending' : 'admitted',
    minimumImportance: clientId === 5 ? 2 : 0,
    receipts: own.length * STRIPS,
    objects: own.length,
    liveBytes: own.reduce((sum, { liveBytes }) => sum + liveBytes, 0),
    firstRecordedMs: own.at(-1)?.firstRecordedMs ?? null,
    lastRecordedMs: own[0]?.lastRecordedMs ?? null,
    classes: [...classes].map(([classCode, group]) => ({
      classCode,
      receipts: group.length * STRIPS,
      streamBytes: group.reduce((sum, { streamBytes }) => sum + streamBytes * STRIPS, 0),
    })),
  }
}

/** @param count - of objects; 0 for a ledger that nothing is on. */
export function fixtureData(count: number): FixtureData {
  if (count === 0) return { nodes: [], clients: [], objects: [], receipts: [], ratings: [] }
  const timeOf = (object: number) => NOW_MS - 30_000 - Math.round(object ** 1.15 * 0.11 * HOUR_MS)
  const strips = Array.from({ length: count }, (_, object) =>
    Array.from({ length: STRIPS }, (__, index) =>
      receiptOf(object, index, timeOf(Math.floor(object / 4))),
    ),
  )
  const receipts = strips.flat()
  const given = ratingsOf(receipts)
  const ratings = [...disputesOf(given), ...given]
  const objects = strips.map((group) => objectOf(group, ratings))
  return {
    nodes: Array.from({ length: 8 }, (_, place) => nodeOf(place + 1, receipts, ratings)),
    clients: SHIPS.map((_, place) => clientOf(place, objects)),
    ...{ objects, receipts, ratings },
  }
}
