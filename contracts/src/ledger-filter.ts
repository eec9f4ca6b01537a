import { compareBytes } from '@orlop/crypto/bytes'
import type { LedgerFilter } from '@orlop/protocol/ledger'
import type { CreditEvent, ObjectEvent, Receipt } from '@orlop/protocol/ledger-records'

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

type WithoutPosition<T> = T extends unknown ? Omit<T, 'position'> : never

/** As above; a node has part only in a move, at either end. */
export function matchesObjectEvent(filter: Matching, event: WithoutPosition<ObjectEvent>): boolean {
  const nodeIds = event.kind === 'moved' ? [event.fromNodeId, event.toNodeId] : []
  return (
    isObject(filter, event.objectId) &&
    isClient(filter, event.clientId) &&
    isNode(filter, ...nodeIds)
  )
}

/** As above; credit names no object, so that a filter for one matches nothing. */
export function matchesCreditEvent(
  filter: Matching,
  event: Pick<CreditEvent, 'clientId' | 'nodeId'>,
): boolean {
  return (
    filter.objectId === undefined &&
    isClient(filter, event.clientId) &&
    isNode(filter, event.nodeId)
  )
}
