import { creditEventOf } from '@orlop/contracts/credit-event-of'
import type { Deployment } from '@orlop/protocol/deployment'
import type { LedgerFilter } from '@orlop/protocol/ledger'
import type { LedgerHistory } from '@orlop/protocol/ledger-history'
import type { RatingEvent, RegistryEvent } from '@orlop/protocol/history-events'
import type {
  ClientRecord,
  CreditEvent,
  LedgerHead,
  NodeRecord,
  ObjectEvent,
  Receipt,
} from '@orlop/protocol/ledger-records'
import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import {
  parseBlock,
  parseStandings,
  type RecordedBlock,
  type RecordedLogs,
  type RecordedStandings,
} from './recorded-log.ts'

/** Whose history a recorded log is. */
export const RECORDED_DEPLOYMENT: Deployment = {
  chainId: 4205,
  registry: '0x0000000000000000000000000000000000001001',
  receipts: '0x0000000000000000000000000000000000001002',
  credit: '0x0000000000000000000000000000000000001003',
  fromBlock: 1,
}

const READ_BYTES = 1 << 20
const NEWLINE = 0x0a

/** A ledger whose history is a recorded log; filters by blocks only. A block is read when it is asked for. */
export class RecordedLedger implements LedgerHistory {
  readonly deployment = RECORDED_DEPLOYMENT
  readonly #file: number
  /** Where each line begins, and the end of the file. */
  readonly #lines: number[]
  readonly #standings: RecordedStandings

  constructor(path: string) {
    this.#file = openSync(path, 'r')
    this.#lines = lineStarts(this.#file)
    this.#standings = parseStandings(this.#line(this.#lines.length - 2))
  }

  close(): void {
    closeSync(this.#file)
  }

  /** Number of the newest block. */
  get blocks(): number {
    return this.#lines.length - 2
  }

  /** What a block holds. @param blockNumber - from 1. */
  read(blockNumber: number): RecordedBlock {
    return parseBlock(this.#line(blockNumber - 1))
  }

  head(): Promise<LedgerHead> {
    return Promise.resolve(this.read(this.blocks).head)
  }

  block(blockNumber: number): Promise<LedgerHead | null> {
    const isThere = blockNumber >= 1 && blockNumber <= this.blocks
    return Promise.resolve(isThere ? this.read(blockNumber).head : null)
  }

  nodes(): Promise<NodeRecord[]> {
    return Promise.resolve(this.#standings.nodes)
  }

  node(nodeId: number): Promise<NodeRecord | null> {
    return Promise.resolve(this.#standings.nodes[nodeId - 1] ?? null)
  }

  clients(): Promise<ClientRecord[]> {
    return Promise.resolve(this.#standings.clients)
  }

  client(clientId: number): Promise<ClientRecord | null> {
    return Promise.resolve(this.#standings.clients[clientId - 1] ?? null)
  }

  clientBySigner(signer: string): Promise<ClientRecord | null> {
    const found = this.#standings.clients.find((client) => client.signer === signer)
    return Promise.resolve(found ?? null)
  }

  formerSigners(): Promise<string[]> {
    return Promise.resolve([])
  }

  receipts(filter: LedgerFilter): AsyncIterable<Receipt> {
    return this.#logs('receipts', filter)
  }

  objectEvents(filter: LedgerFilter): AsyncIterable<ObjectEvent> {
    return this.#logs('objectEvents', filter)
  }

  async *creditEvents(filter: LedgerFilter): AsyncIterable<CreditEvent> {
    for await (const event of this.ratingEvents(filter)) {
      const change = creditEventOf(event)
      if (change !== null) yield change
    }
  }

  ratingEvents(filter: LedgerFilter): AsyncIterable<RatingEvent> {
    return this.#logs('ratingEvents', filter)
  }

  registryEvents(filter: LedgerFilter): AsyncIterable<RegistryEvent> {
    return this.#logs('registryEvents', filter)
  }

  async *#logs<K extends keyof RecordedLogs>(
    kind: K,
    { fromBlock = 1, toBlock = this.blocks }: LedgerFilter,
  ): AsyncGenerator<RecordedLogs[K][number]> {
    for (let block = Math.max(1, fromBlock); block <= Math.min(toBlock, this.blocks); block++) {
      // As with an endpoint, others have their turn between two answers.
      await Promise.resolve()
      yield* this.read(block).logs[kind]
    }
  }

  #line(number: number): string {
    const start = this.#lines[number]
    const end = this.#lines[number + 1]
    if (start === undefined || end === undefined) throw new RangeError(`no line ${number}`)
    const bytes = Buffer.alloc(end - start)
    readSync(this.#file, bytes, 0, bytes.length, start)
    return bytes.toString('utf8')
  }
}

function lineStarts(file: number): number[] {
  const starts = [0]
  const buffer = Buffer.alloc(READ_BYTES)
  const { size } = fstatSync(file)
  for (let offset = 0; offset < size; offset += READ_BYTES) {
    const length = readSync(file, buffer, 0, READ_BYTES, offset)
    for (let at = buffer.indexOf(NEWLINE); at !== -1 && at < length;) {
      starts.push(offset + at + 1)
      at = buffer.indexOf(NEWLINE, at + 1)
    }
  }
  return starts
}
