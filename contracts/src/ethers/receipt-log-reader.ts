import type { Receipt } from '@orlop/protocol/ledger-records'
import type { LedgerRpc } from '../rpc/ledger-rpc.ts'
import type { RpcLog } from '../rpc/rpc-shapes.ts'
import { filterTopics } from './filter-topics.ts'
import { toReceipt } from './ledger-values.ts'
import type { BoundedFilter, LogReading } from './log-reading.ts'
import type { ScanOptions } from './log-scanner.ts'
import { recordedCommit } from './recorded-batch.ts'

/** A page from so few transactions has its batches read from these alone, else from the page's whole range of blocks. */
const FEW_TRANSACTIONS = 8

interface Parts extends LogReading {
  rpc: LedgerRpc
}

/** Receipts from `ReceiptRecorded` logs, each with the batch that its transaction closed after it. */
export class ReceiptLogReader {
  readonly #parts: Parts

  constructor(parts: Parts) {
    this.#parts = parts
  }

  async *read(filter: BoundedFilter, options: ScanOptions): AsyncGenerator<Receipt> {
    const { contracts, scanner, times } = this.#parts
    const { fromBlock, toBlock } = filter
    const { address } = contracts.receipts
    const topics = [contracts.receipts.topicOf('ReceiptRecorded'), ...filterTopics(filter)]
    for await (const page of scanner.pages({ address, topics, fromBlock, toBlock }, options)) {
      const closings = await this.#closings(page, options)
      for (const log of page) {
        const commit = recordedCommit(contracts, log)
        const batchId = batchAfter(log, closings)
        if (commit === null || batchId === null) continue
        const receipt = toReceipt(commit, { batchId, position: await times.position(log, options) })
        if (receipt !== null) yield receipt
      }
    }
  }

  /** `BatchRecorded` logs of the transactions in a page. */
  async #closings(page: readonly RpcLog[], { signal }: ScanOptions): Promise<RpcLog[]> {
    const { rpc, contracts, scanner } = this.#parts
    const options = signal === undefined ? {} : { signal }
    const topic = contracts.receipts.topicOf('BatchRecorded')
    const isClosing = (log: RpcLog) => log.topics[0] === topic
    const hashes = [...new Set(page.map(({ transactionHash }) => transactionHash))]
    if (hashes.length <= FEW_TRANSACTIONS) {
      const found = await Promise.all(hashes.map((hash) => rpc.transactionReceipt(hash, options)))
      return found.flatMap((transaction) => transaction?.logs.filter(isClosing) ?? [])
    }
    const blocks = page.map(({ blockNumber }) => blockNumber)
    const range = { fromBlock: Math.min(...blocks), toBlock: Math.max(...blocks) }
    const query = { address: contracts.receipts.address, topics: [topic], ...range }
    const closings: RpcLog[] = []
    for await (const logs of scanner.pages(query, options)) closings.push(...logs)
    return closings
  }
}

function batchAfter(log: RpcLog, closings: readonly RpcLog[]): number | null {
  const after = closings
    .filter((closing) => closing.transactionHash === log.transactionHash)
    .filter((closing) => closing.logIndex > log.logIndex)
  const first = after.reduce<RpcLog | null>(
    (best, closing) => (best === null || closing.logIndex < best.logIndex ? closing : best),
    null,
  )
  const topic = first?.topics[1]
  return topic === undefined ? null : Number(topic)
}
