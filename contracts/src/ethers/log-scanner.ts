import type { LedgerRpc, LogQuery } from '../rpc/ledger-rpc.ts'
import { RpcError } from '../rpc/rpc-error.ts'
import type { RpcLog } from '../rpc/rpc-shapes.ts'

export interface ScanOptions {
  signal?: AbortSignal
  /** Reads the newest blocks first, for what is probably recent. */
  isNewestFirst?: boolean
}

const FIRST_RANGE_BLOCKS = 2_000
const MAX_RANGE_BLOCKS = 100_000
/** A page with fewer logs than this lets the range grow, one with more than four times as many lets it shrink. */
const FEW_LOGS = 1_000

/** Reads logs in ranges of blocks that adapt to what the endpoint allows and how many logs there are. */
export class LogScanner {
  readonly #rpc: LedgerRpc
  #rangeBlocks = FIRST_RANGE_BLOCKS
  #allowedBlocks = MAX_RANGE_BLOCKS

  constructor(rpc: LedgerRpc) {
    this.#rpc = rpc
  }

  /** Pages of logs in ledger order, or in the opposite one; pages may be empty. */
  async *pages(query: LogQuery, options: ScanOptions = {}): AsyncGenerator<RpcLog[]> {
    let { fromBlock, toBlock } = query
    while (fromBlock <= toBlock) {
      const range = this.#nextRange(fromBlock, toBlock, options)
      const page = await this.#read({ ...query, ...range }, options)
      if (page === null) continue
      page.sort(
        (left, right) => left.blockNumber - right.blockNumber || left.logIndex - right.logIndex,
      )
      if (options.isNewestFirst === true) toBlock = range.fromBlock - 1
      else fromBlock = range.toBlock + 1
      yield options.isNewestFirst === true ? page.reverse() : page
    }
  }

  #nextRange(fromBlock: number, toBlock: number, { isNewestFirst }: ScanOptions) {
    const blocks = Math.min(this.#rangeBlocks, this.#allowedBlocks)
    return isNewestFirst === true
      ? { fromBlock: Math.max(fromBlock, toBlock - blocks + 1), toBlock }
      : { fromBlock, toBlock: Math.min(toBlock, fromBlock + blocks - 1) }
  }

  /** @returns null when the range must be smaller. */
  async #read(query: LogQuery, { signal }: ScanOptions): Promise<RpcLog[] | null> {
    const blocks = query.toBlock - query.fromBlock + 1
    try {
      const page = await this.#rpc.logs(query, signal === undefined ? {} : { signal })
      this.#learn(blocks, page.length)
      return page
    } catch (error) {
      if (!(error instanceof RpcError)) throw error
      // Endpoints name their limits in many ways; every refusal of a range is taken for one until the range is one block.
      if (blocks === 1) throw this.#rpc.unusable('eth_getLogs', error)
      this.#allowedBlocks = Math.floor(blocks / 2)
      return null
    }
  }
  /** A limit met once may have been a moment's: the range is allowed to grow back slowly. */
  #learn(blocks: number, logs: number): void {
    this.#allowedBlocks = Math.min(MAX_RANGE_BLOCKS, Math.ceil(this.#allowedBlocks * 1.1))
    if (logs < FEW_LOGS) this.#rangeBlocks = Math.min(this.#rangeBlocks * 2, MAX_RANGE_BLOCKS)
    if (logs > 4 * FEW_LOGS) this.#rangeBlocks = Math.max(1, Math.floor(blocks / 2))
  }
}
