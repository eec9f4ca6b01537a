import type { CreditEvent } from '@orlop/protocol/ledger-records'
import { matchesCreditEvent } from '../ledger-filter.ts'
import type { RpcLog } from '../rpc/rpc-shapes.ts'
import { numberTopic } from './filter-topics.ts'
import type { BoundedFilter, LogReading } from './log-reading.ts'
import type { ScanOptions } from './log-scanner.ts'

type RatingFacts = Pick<CreditEvent, 'nodeId' | 'sequence' | 'clientId' | 'score' | 'causeCode'>

interface Parts extends LogReading {
  /** Where histories begin. */
  fromBlock: number
}

/** Changes of credit, each joined with the rating that caused it or that was taken back. */
export class CreditLogReader {
  readonly #parts: Parts

  constructor(parts: Parts) {
    this.#parts = parts
  }

  async *read(filter: BoundedFilter, options: ScanOptions): AsyncGenerator<CreditEvent> {
    if (filter.objectId !== undefined) return
    const { contracts, scanner, times } = this.#parts
    const { credit } = contracts
    const kinds = (['Rated', 'Annulled', 'CreditChanged'] as const).map((kind) =>
      credit.topicOf(kind),
    )
    const { fromBlock, toBlock } = filter
    const topics = [kinds, numberTopic(filter.nodeId)]
    const query = { address: credit.address, topics, fromBlock, toBlock }
    let cause: Pick<CreditEvent, 'kind'> & RatingFacts = NO_CAUSE
    for await (const page of scanner.pages(query, options)) {
      for (const log of page) {
        const event = credit.decodeLog(log)
        if (event?.name === 'Rated') cause = { kind: 'rated', ...ratingOf(event.args) }
        if (event?.name === 'Annulled') {
          cause = { kind: 'annulled', ...(await this.#rating(event.args, log, options)) }
        }
        if (event?.name !== 'CreditChanged' || !matchesCreditEvent(filter, cause)) continue
        const beforeMillionths = Number(event.args.creditBefore)
        const afterMillionths = Number(event.args.creditAfter)
        const position = await times.position(log, options)
        yield { ...cause, beforeMillionths, afterMillionths, position }
      }
    }
  }

  /** The rating that an annulment took back, found by its three indexed fields. */
  async #rating(
    annulled: { nodeId: bigint | number; sequence: bigint | number },
    log: RpcLog,
    options: ScanOptions,
  ): Promise<RatingFacts> {
    const { contracts, scanner, fromBlock } = this.#parts
    const { credit } = contracts
    const { nodeId, sequence } = annulled
    const topics = [
      credit.topicOf('Rated'),
      numberTopic(Number(nodeId)),
      null,
      numberTopic(Number(sequence)),
    ]
    const query = { address: credit.address, topics, fromBlock, toBlock: log.blockNumber }
    for await (const page of scanner.pages(query, { ...options, isNewestFirst: true })) {
      for (const found of page) {
        const event = credit.decodeLog(found)
        if (event?.name === 'Rated') return ratingOf(event.args)
      }
    }
    return { ...NO_CAUSE, nodeId: Number(nodeId), sequence: Number(sequence) }
  }
}

const NO_CAUSE = {
  kind: 'rated',
  nodeId: 0,
  sequence: 0,
  clientId: 0,
  score: 0,
  causeCode: 0,
} as const

function ratingOf(args: Record<keyof RatingFacts, bigint | number>): RatingFacts {
  return {
    nodeId: Number(args.nodeId),
    sequence: Number(args.sequence),
    clientId: Number(args.clientId),
    score: Number(args.score),
    causeCode: Number(args.causeCode),
  }
}
