import type { Deployment } from '@orlop/protocol/deployment'
import { throwIfAborted } from '@orlop/protocol/errors'
import type { RatingEvent, RegistryEvent } from '@orlop/protocol/history-events'
import type { LedgerCallOptions, LedgerFilter } from '@orlop/protocol/ledger'
import type { LedgerHistory } from '@orlop/protocol/ledger-history'
import type {
  ClientRecord,
  CreditEvent,
  LedgerHead,
  NodeRecord,
  ObjectEvent,
  Receipt,
} from '@orlop/protocol/ledger-records'
import { creditEventOf } from './credit-event-of.ts'
import {
  matchesObjectEvent,
  matchesRatingEvent,
  matchesReceipt,
  matchesRegistryEvent,
} from './ledger-filter.ts'
import type { MemoryBooks, MemoryLedger } from './memory-ledger.ts'

/** Reads a {@link MemoryLedger}. */
export class MemoryLedgerReader implements LedgerHistory {
  readonly deployment: Deployment
  protected readonly ledger: MemoryLedger

  constructor(ledger: MemoryLedger) {
    this.ledger = ledger
    this.deployment = ledger.deployment
  }

  async head(options?: LedgerCallOptions): Promise<LedgerHead> {
    await otherTurns(options)
    return this.ledger.head()
  }

  async block(blockNumber: number, options?: LedgerCallOptions): Promise<LedgerHead | null> {
    await otherTurns(options)
    return this.ledger.block(blockNumber)
  }

  async nodes(options?: LedgerCallOptions): Promise<NodeRecord[]> {
    await otherTurns(options)
    const books = this.ledger.read()
    return books.registry.nodes.map(({ nodeId }) => nodeRecord(books, nodeId)).filter(isPresent)
  }

  async node(nodeId: number, options?: LedgerCallOptions): Promise<NodeRecord | null> {
    await otherTurns(options)
    return nodeRecord(this.ledger.read(), nodeId)
  }

  async client(clientId: number, options?: LedgerCallOptions): Promise<ClientRecord | null> {
    await otherTurns(options)
    return structuredClone(this.ledger.read().registry.client(clientId))
  }

  async clients(options?: LedgerCallOptions): Promise<ClientRecord[]> {
    await otherTurns(options)
    return structuredClone([...this.ledger.read().registry.clients])
  }

  async clientBySigner(signer: string, options?: LedgerCallOptions): Promise<ClientRecord | null> {
    await otherTurns(options)
    return structuredClone(this.ledger.read().registry.clientBySigner(signer))
  }

  async formerSigners(clientId: number, options?: LedgerCallOptions): Promise<string[]> {
    await otherTurns(options)
    return this.ledger.read().registry.formerSigners(clientId)
  }

  async *receipts(filter: LedgerFilter, options?: LedgerCallOptions): AsyncIterable<Receipt> {
    await otherTurns(options)
    for (const log of this.ledger.logs(filter)) {
      if (log.kind !== 'receipt' || !matchesReceipt(filter, log.record)) continue
      yield { ...log.record, position: log.position }
      await otherTurns(options)
    }
  }

  async *objectEvents(
    filter: LedgerFilter,
    options?: LedgerCallOptions,
  ): AsyncIterable<ObjectEvent> {
    await otherTurns(options)
    for (const log of this.ledger.logs(filter)) {
      if (log.kind !== 'object' || !matchesObjectEvent(filter, log.record)) continue
      yield { ...log.record, position: log.position }
      await otherTurns(options)
    }
  }

  async *creditEvents(
    filter: LedgerFilter,
    options?: LedgerCallOptions,
  ): AsyncIterable<CreditEvent> {
    for await (const event of this.ratingEvents(filter, options)) {
      const change = creditEventOf(event)
      if (change !== null) yield change
    }
  }

  async *ratingEvents(
    filter: LedgerFilter,
    options?: LedgerCallOptions,
  ): AsyncIterable<RatingEvent> {
    await otherTurns(options)
    for (const log of this.ledger.logs(filter)) {
      if (log.kind !== 'rating' || !matchesRatingEvent(filter, log.record)) continue
      yield { ...log.record, position: log.position }
      await otherTurns(options)
    }
  }

  async *registryEvents(
    filter: LedgerFilter,
    options?: LedgerCallOptions,
  ): AsyncIterable<RegistryEvent> {
    await otherTurns(options)
    for (const log of this.ledger.logs(filter)) {
      if (log.kind !== 'registry' || !matchesRegistryEvent(filter, log.record)) continue
      yield { ...log.record, position: log.position }
      await otherTurns(options)
    }
  }
}

/** Gives others a turn, as a call over a network does. */
export async function otherTurns(options?: LedgerCallOptions): Promise<void> {
  await Promise.resolve()
  throwIfAborted(options?.signal, 'Reading the ledger')
}

function isPresent<T>(value: T | null): value is T {
  return value !== null
}

function nodeRecord({ registry, credit }: MemoryBooks, nodeId: number): NodeRecord | null {
  const node = registry.node(nodeId)
  if (node === null) return null
  const isMaster = registry.masterNodeId === nodeId
  return structuredClone({ ...node, isMaster, ...credit.standing(nodeId) })
}
