import type { CreditChange, RatingEvent, Unplaced } from '@orlop/protocol/history-events'
import { getBytes } from 'ethers'
import type { creditAbi } from '../abi.generated.ts'
import { matchesRatingEvent } from '../ledger-filter.ts'
import type { RpcLog } from '../rpc/rpc-shapes.ts'
import type { EventOf } from '../typed-contract.ts'
import { numberTopic } from './filter-topics.ts'
import { toReason } from './ledger-values.ts'
import type { BoundedFilter, LogReading } from './log-reading.ts'
import type { ScanOptions } from './log-scanner.ts'

type Told = Unplaced<RatingEvent>
type RatingFacts = Pick<RatingEvent, 'nodeId' | 'sequence' | 'clientId' | 'score' | 'causeCode'>

/** What a log tells: an event, or one that is whole with the change of credit in the log after it. */
interface Telling {
  event: Told | null
  awaited: ((change: CreditChange) => Told) | null
}
const NOTHING: Telling = { event: null, awaited: null }

interface Parts extends LogReading {
  /** Where histories begin. */
  fromBlock: number
}

const CHANGING = ['Rated', 'Annulled', 'CreditChanged'] as const
const ALL = [...CHANGING, 'Appealed', 'AppealDismissed'] as const

/** Ratings and what was done about them, each joined with the change of credit that it made. */
export class RatingLogReader {
  readonly #parts: Parts

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** Every event about ratings. */
  read(filter: BoundedFilter, options: ScanOptions): AsyncGenerator<RatingEvent> {
    return this.#read(ALL, filter, options)
  }

  /** Those that changed a credit, and nothing asked of the endpoint for the others. */
  async *changing(filter: BoundedFilter, options: ScanOptions): AsyncGenerator<RatingEvent> {
    for await (const event of this.#read(CHANGING, filter, options)) {
      if (event.kind !== 'rated' || event.change !== null) yield event
    }
  }

  async *#read(
    kinds: typeof ALL | typeof CHANGING,
    filter: BoundedFilter,
    options: ScanOptions,
  ): AsyncGenerator<RatingEvent> {
    if (filter.objectId !== undefined) return
    const { credit } = this.#parts.contracts
    const { fromBlock, toBlock } = filter
    const topics = [kinds.map((kind) => credit.topicOf(kind)), numberTopic(filter.nodeId)]
    const query = { address: credit.address, topics, fromBlock, toBlock }
    let telling = NOTHING
    for await (const page of this.#parts.scanner.pages(query, options)) {
      for (const log of page) {
        const logged = credit.decodeLog(log)
        if (logged === null) continue
        telling = await this.#told(logged, telling, options)
        const { event } = telling
        if (event === null || !matchesRatingEvent(filter, event)) continue
        yield { ...event, position: await this.#parts.times.position(log, options) }
      }
    }
  }

  async #told(
    logged: EventOf<typeof creditAbi>,
    { awaited }: Telling,
    options: ScanOptions,
  ): Promise<Telling> {
    switch (logged.name) {
      case 'Rated':
        return rated(ratingOf(logged.args), logged.args.counted)
      case 'CreditChanged':
        return { event: awaited?.(changeOf(logged.args)) ?? null, awaited: null }
      case 'EIP712DomainChanged':
        return NOTHING
      case 'Appealed':
      case 'Annulled':
      case 'AppealDismissed': {
        const facts = await this.#rating(logged.args, logged.log, options)
        return facts === null ? NOTHING : disputed(facts, logged)
      }
    }
  }

  /** The rating that steward or node speak of, found by its indexed fields; null when the contract knows of none. */
  async #rating(
    named: { nodeId: bigint | number; sequence: bigint | number },
    log: RpcLog,
    options: ScanOptions,
  ): Promise<RatingFacts | null> {
    const { contracts, scanner, fromBlock } = this.#parts
    const { credit } = contracts
    const topics = [
      credit.topicOf('Rated'),
      numberTopic(Number(named.nodeId)),
      null,
      numberTopic(Number(named.sequence)),
    ]
    const query = { address: credit.address, topics, fromBlock, toBlock: log.blockNumber }
    for await (const page of scanner.pages(query, { ...options, isNewestFirst: true })) {
      for (const found of page) {
        const event = credit.decodeLog(found)
        if (event?.name === 'Rated') return ratingOf(event.args)
      }
    }
    return null
  }
}

function rated(facts: RatingFacts, isCounted: boolean): Telling {
  if (!isCounted) return { event: { kind: 'rated', ...facts, change: null }, awaited: null }
  return { event: null, awaited: (change) => ({ kind: 'rated', ...facts, change }) }
}

function disputed(
  facts: RatingFacts,
  logged: EventOf<typeof creditAbi, 'Appealed' | 'Annulled' | 'AppealDismissed'>,
): Telling {
  if (logged.name === 'Appealed') {
    const reasonHash = getBytes(logged.args.reasonHash)
    return { event: { kind: 'appealed', ...facts, reasonHash }, awaited: null }
  }
  const said = { steward: logged.args.steward, reason: toReason(() => logged.args.reason) }
  return logged.name === 'Annulled'
    ? { event: null, awaited: (change) => ({ kind: 'annulled', ...facts, ...said, change }) }
    : { event: { kind: 'dismissed', ...facts, ...said }, awaited: null }
}

function ratingOf(args: Record<keyof RatingFacts, bigint | number>): RatingFacts {
  return {
    nodeId: Number(args.nodeId),
    sequence: Number(args.sequence),
    clientId: Number(args.clientId),
    score: Number(args.score),
    causeCode: Number(args.causeCode),
  }
}

function changeOf(args: {
  creditBefore: bigint | number
  creditAfter: bigint | number
}): CreditChange {
  return {
    beforeMillionths: Number(args.creditBefore),
    afterMillionths: Number(args.creditAfter),
  }
}
