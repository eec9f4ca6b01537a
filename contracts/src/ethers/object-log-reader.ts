import type { ObjectEvent } from '@orlop/protocol/ledger-records'
import { getBytes, hexlify } from 'ethers'
import type { receiptsAbi } from '../abi.generated.ts'
import { matchesObjectEvent } from '../ledger-filter.ts'
import type { EventOf } from '../typed-contract.ts'
import type { BoundedFilter, LogReading } from './log-reading.ts'
import type { ScanOptions } from './log-scanner.ts'

type WithoutPosition<T> = T extends unknown ? Omit<T, 'position'> : never
type Change = WithoutPosition<ObjectEvent>

/** Extensions, removals, moves and envelopes from their logs. */
export class ObjectLogReader {
  readonly #parts: LogReading

  constructor(parts: LogReading) {
    this.#parts = parts
  }

  /** The object is asked of the endpoint; the other conditions are looked at here, since the events have them in different places. */
  async *read(filter: BoundedFilter, options: ScanOptions): AsyncGenerator<ObjectEvent> {
    const { contracts, scanner, times } = this.#parts
    const { receipts } = contracts
    const kinds = ['Extended', 'Removed', 'Moved', 'EnvelopeAnchored'] as const
    const object = filter.objectId === undefined ? null : hexlify(filter.objectId)
    const topics = [kinds.map((kind) => receipts.topicOf(kind)), object]
    const { fromBlock, toBlock } = filter
    const query = { address: receipts.address, topics, fromBlock, toBlock }
    for await (const page of scanner.pages(query, options)) {
      for (const log of page) {
        const event = receipts.decodeLog(log)
        const change = event === null ? null : toChange(event)
        if (change === null || !matchesObjectEvent(filter, change)) continue
        yield { ...change, position: await times.position(log, options) }
      }
    }
  }
}

/** @returns null for other events, and for numbers that JavaScript cannot count. */
function toChange(event: EventOf<typeof receiptsAbi>): Change | null {
  const change = changeOf(event)
  const numbers = Object.values(change ?? {}).filter((value) => typeof value === 'number')
  return numbers.every(Number.isSafeInteger) ? change : null
}

function changeOf(event: EventOf<typeof receiptsAbi>): Change | null {
  switch (event.name) {
    case 'Extended': {
      const { objectId, clientId, index, expiry } = event.args
      const numbers = { clientId: Number(clientId), index: Number(index), expiry: Number(expiry) }
      return { kind: 'extended', objectId: getBytes(objectId), ...numbers }
    }
    case 'Removed': {
      const { objectId, clientId, index } = event.args
      const numbers = { clientId: Number(clientId), index: Number(index) }
      return { kind: 'removed', objectId: getBytes(objectId), ...numbers }
    }
    case 'Moved':
      return {
        kind: 'moved',
        objectId: getBytes(event.args.objectId),
        clientId: Number(event.args.clientId),
        index: Number(event.args.index),
        fromNodeId: Number(event.args.fromNodeId),
        fromSequence: Number(event.args.fromSequence),
        toNodeId: Number(event.args.toNodeId),
        toSequence: Number(event.args.toSequence),
      }
    case 'EnvelopeAnchored':
      return {
        kind: 'envelope',
        objectId: getBytes(event.args.objectId),
        clientId: Number(event.args.clientId),
        version: Number(event.args.version),
        envelopeHash: getBytes(event.args.envelopeHash),
      }
    case 'BatchRecorded':
    case 'ReceiptRecorded':
    case 'Rejected':
    case 'EIP712DomainChanged':
      return null
  }
}
