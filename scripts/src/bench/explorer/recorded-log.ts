import type { RatingEvent, RegistryEvent } from '@orlop/protocol/history-events'
import type {
  ClientRecord,
  LedgerHead,
  LedgerPosition,
  NodeRecord,
  ObjectEvent,
  Receipt,
} from '@orlop/protocol/ledger-records'

/**
 * A ledger's history as a file: one line of JSON for each block from number 1 on, the last line what nodes and clients are in the end. Bytes are
 * base64, and receipts arrays, since there may be millions of them.
 */
export interface RecordedBlock {
  head: LedgerHead
  logs: RecordedLogs
}

/** What a block holds; `position` of each is in this block. */
export interface RecordedLogs {
  receipts: Receipt[]
  objectEvents: ObjectEvent[]
  ratingEvents: RatingEvent[]
  registryEvents: RegistryEvent[]
}

export interface RecordedStandings {
  nodes: NodeRecord[]
  clients: ClientRecord[]
}

type Packed = (string | number)[]

/** The transaction and the place in the block that a log has of its own. */
type Place = readonly [transactionHash: string, logIndex: number]

export function formatBlock({ head, logs }: RecordedBlock): string {
  const { receipts, ...others } = logs
  return `${JSON.stringify({ head, receipts: receipts.map(pack), ...others }, bytesToText)}\n`
}

export function parseBlock(line: string): RecordedBlock {
  const { head, receipts, ...others } = JSON.parse(line, textToBytes) as {
    head: LedgerHead
    receipts: Packed[]
  } & Omit<RecordedLogs, 'receipts'>
  return { head, logs: { receipts: receipts.map((each) => unpack(each, head)), ...others } }
}

export function formatStandings(standings: RecordedStandings): string {
  return `${JSON.stringify(standings, bytesToText)}\n`
}

export function parseStandings(line: string): RecordedStandings {
  return JSON.parse(line, textToBytes) as RecordedStandings
}

function pack(receipt: Receipt): Packed {
  const { objectId, headerHash, root, position, ...numbers } = receipt
  const { streamBytes, expiry, sequence, clientId, nodeId, classCode, index } = numbers
  const { k, m, level, flags, batchId } = numbers
  const place: Place = [position.transactionHash, position.logIndex]
  return [
    ...[objectId, headerHash, root].map(toBase64),
    ...[streamBytes, expiry, sequence, clientId, nodeId, classCode, index, k, m, level, flags],
    ...[batchId, ...place],
  ]
}

function unpack(packed: Packed, head: LedgerHead): Receipt {
  const bytes = (place: number) => fromBase64(String(packed[place]))
  const number = (place: number) => Number(packed[place])
  const position: LedgerPosition = {
    ...head,
    transactionHash: String(packed[15]),
    logIndex: number(16),
  }
  return {
    objectId: bytes(0),
    headerHash: bytes(1),
    root: bytes(2),
    streamBytes: number(3),
    expiry: number(4),
    sequence: number(5),
    clientId: number(6),
    nodeId: number(7),
    classCode: number(8),
    index: number(9),
    k: number(10),
    m: number(11),
    level: number(12),
    flags: number(13),
    batchId: number(14),
    position,
  }
}

function bytesToText(_key: string, value: unknown): unknown {
  return value instanceof Uint8Array ? { base64: toBase64(value) } : value
}

function textToBytes(_key: string, value: unknown): unknown {
  const isBytes = typeof value === 'object' && value !== null && 'base64' in value
  return isBytes ? fromBase64(String(value.base64)) : value
}

function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64')
}

function fromBase64(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'base64'))
}
