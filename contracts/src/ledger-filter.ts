import { compareBytes } from '@orlop/crypto/bytes'
import type { LedgerFilter } from '@orlop/protocol/ledger'
import type { RegistryEvent, Unplaced } from '@orlop/protocol/history-events'
import type { ObjectEvent, Receipt } from '@orlop/protocol/ledger-records'

type Matching = Pick<LedgerFilter, 'clientId' | 'nodeId' | 'objectId'>

function isObject(filter: Matching, objectId: Uint8Array): boolean {
  return filter.objectId === undefined || compareBytes(filter.objectId, objectId) === 0
}

function isClient(filter: Matching, clientId: number): boolean {
  return filter.clientId === undefined || filter.clientId === clientId
}

function isNode(filter: Matching, ...nodeIds: number[]): boolean {
  return filter.nodeId === undefined || nodeIds.includes(filter.nodeId)
}

/** Whether a receipt fulfils every condition but the blocks. */
export function matchesReceipt(
  filter: Matching,
  receipt: Pick<Receipt, 'objectId' | 'clientId' | 'nodeId'>,
): boolean {
  return (
    isObject(filter, receipt.objectId) &&
    isClient(filter, receipt.clientId) &&
    isNode(filter, receipt.nodeId)
  )
}

/** As above; a node has part only in a move, at either end. */
export function matchesObjectEvent(filter: Matching, event: Unplaced<ObjectEvent>): boolean {
  const nodeIds = event.kind === 'moved' ? [event.fromNodeId, event.toNodeId] : []
  return (
    isObject(filter, event.objectId) &&
    isClient(filter, event.clientId) &&
    isNode(filter, ...nodeIds)
  )
}

/** As above; ratings name no object, so that a filter for one matches nothing. */
export function matchesRatingEvent(
  filter: Matching,
  event: { clientId: number; nodeId: number },
): boolean {
  return (
    filter.objectId === undefined &&
    isClient(filter, event.clientId) &&
    isNode(filter, event.nodeId)
  )
}

/** As above; what is about nodes has no client and the other way round, and roles have neither. */
export function matchesRegistryEvent(filter: Matching, event: Unplaced<RegistryEvent>): boolean {
  const isOfNode =
    event.kind === 'masterChanged'
      ? filter.nodeId === event.fromNodeId || filter.nodeId === event.toNodeId
      : 'nodeId' in event && filter.nodeId === event.nodeId
  return (
    filter.objectId === undefined &&
    (filter.nodeId === undefined || isOfNode) &&
    (filter.clientId === undefined || ('clientId' in event && filter.clientId === event.clientId))
  )
}
