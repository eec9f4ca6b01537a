import type { LedgerPosition } from '@orlop/protocol/ledger-records'
import type { LedgerRpc } from '../rpc/ledger-rpc.ts'
import type { RpcCallOptions } from '../rpc/rpc-connection.ts'
import type { RpcLog } from '../rpc/rpc-shapes.ts'

const KEPT_BLOCKS = 4_096

/** Times of blocks, asked once each: logs of most endpoints do not carry them. */
export class BlockTimes {
  readonly #rpc: LedgerRpc
  readonly #times = new Map<string, number>()

  constructor(rpc: LedgerRpc) {
    this.#rpc = rpc
  }

  /** Where a log stands. @throws OrlopError `LEDGER_UNREACHABLE` when its block has vanished meanwhile. */
  async position(log: RpcLog, options?: RpcCallOptions): Promise<LedgerPosition> {
    const { blockNumber, blockHash, transactionHash, logIndex } = log
    const blockTimeMs = await this.#timeMs(log, options)
    return { blockNumber, blockHash, blockTimeMs, transactionHash, logIndex }
  }

  async #timeMs(log: RpcLog, options?: RpcCallOptions): Promise<number> {
    if (log.blockTimestamp !== undefined) return log.blockTimestamp * 1000
    const known = this.#times.get(log.blockHash)
    if (known !== undefined) return known
    const block = await this.#rpc.blockByHash(log.blockHash, options)
    if (block === null) {
      throw this.#rpc.unusable('eth_getBlockByHash', new Error('the block was replaced meanwhile'))
    }
    if (this.#times.size >= KEPT_BLOCKS) this.#times.clear()
    this.#times.set(log.blockHash, block.timestamp * 1000)
    return block.timestamp * 1000
  }
}
