import type { LedgerFilter } from '@orlop/protocol/ledger'
import { hexlify, toBeHex, zeroPadValue } from 'ethers'

/** An indexed number as a topic; null leaves the place open. */
export function numberTopic(value: number | undefined): string | null {
  return value === undefined ? null : zeroPadValue(toBeHex(value), 32)
}

/** The topics objectId, clientId, nodeId of `ReceiptRecorded`. */
export function filterTopics(filter: LedgerFilter): (string | null)[] {
  const object = filter.objectId === undefined ? null : hexlify(filter.objectId)
  return [object, numberTopic(filter.clientId), numberTopic(filter.nodeId)]
}
