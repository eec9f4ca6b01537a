import { OrlopError } from '@orlop/protocol/errors'
import type * as z from 'zod'
import type { RpcCallOptions, RpcConnection } from './rpc-connection.ts'
import { RpcError } from './rpc-error.ts'
import {
  blockShape,
  hexBytes,
  logsShape,
  safeQuantity,
  toQuantity,
  transactionReceiptShape,
  type RpcLog,
  type TransactionReceipt,
} from './rpc-shapes.ts'

export type Block = NonNullable<z.infer<typeof blockShape>>
export type BlockTag = number | 'latest' | 'finalized'

/** Which logs; topics as in `eth_getLogs`: one, any of several, or null for whatever. Blocks inclusive. */
export interface LogQuery {
  address: string
  topics: readonly (string | readonly string[] | null)[]
  fromBlock: number
  toBlock: number
}

export interface CallRequest {
  to?: string
  data: string
  from?: string
}

const tagOf = (block: BlockTag) => (typeof block === 'number' ? toQuantity(block) : block)

/** The JSON-RPC methods that are used here, with their answers checked. */
export class LedgerRpc {
  readonly #connection: RpcConnection

  constructor(connection: RpcConnection) {
    this.#connection = connection
  }

  get shownUrl(): string {
    return this.#connection.shownUrl
  }

  chainId(options?: RpcCallOptions): Promise<number> {
    return this.ask('eth_chainId', [], safeQuantity, options)
  }

  code(address: string, options?: RpcCallOptions): Promise<string> {
    return this.ask('eth_getCode', [address, 'latest'], hexBytes, options)
  }

  /** @returns null when there is no such block. */
  block(block: BlockTag, options?: RpcCallOptions): Promise<Block | null> {
    return this.ask('eth_getBlockByNumber', [tagOf(block), false], blockShape, options)
  }

  blockByHash(hash: string, options?: RpcCallOptions): Promise<Block | null> {
    return this.ask('eth_getBlockByHash', [hash, false], blockShape, options)
  }

  /** @throws RpcError with `isRevert` when the contract reverts. */
  call(request: CallRequest, options?: RpcCallOptions & { block?: BlockTag }): Promise<string> {
    const tag = tagOf(options?.block ?? 'latest')
    return this.askRaw('eth_call', [request, tag], hexBytes, options)
  }

  /** @throws RpcError when the endpoint finds the range too large. */
  logs(query: LogQuery, options?: RpcCallOptions): Promise<RpcLog[]> {
    const { fromBlock, toBlock } = query
    const range = { fromBlock: toQuantity(fromBlock), toBlock: toQuantity(toBlock) }
    return this.askRaw('eth_getLogs', [{ ...query, ...range }], logsShape, options)
  }

  transactionReceipt(hash: string, options?: RpcCallOptions): Promise<TransactionReceipt | null> {
    return this.ask('eth_getTransactionReceipt', [hash], transactionReceiptShape, options)
  }

  /**
   * Any other method.
   *
   * @throws OrlopError `LEDGER_UNREACHABLE` when the endpoint answers with an error or with what does not fit `shape`, or as
   * {@link RpcConnection.call}.
   */
  async ask<T extends z.ZodType>(
    method: string,
    params: unknown[],
    shape: T,
    options?: RpcCallOptions,
  ): Promise<z.output<T>> {
    try {
      return await this.askRaw(method, params, shape, options)
    } catch (error) {
      throw error instanceof RpcError ? this.unusable(method, error) : error
    }
  }

  /** As {@link LedgerRpc.ask}, for those who understand the endpoint's errors. @throws RpcError as the endpoint answered. */
  async askRaw<T extends z.ZodType>(
    method: string,
    params: unknown[],
    shape: T,
    options?: RpcCallOptions,
  ): Promise<z.output<T>> {
    const answer = await this.#connection.call(method, params, options)
    const checked = shape.safeParse(answer)
    if (checked.success) return checked.data
    throw this.unusable(method, checked.error)
  }

  /** The error of an answer that nothing can be done with. The endpoint's own text stays in the cause, without its URL. */
  unusable(method: string, cause: unknown): OrlopError {
    const code = cause instanceof RpcError ? ` (code ${cause.code})` : ''
    return new OrlopError(
      'LEDGER_UNREACHABLE',
      `The ledger at ${this.shownUrl} answers ${method} in a way that cannot be used${code}. Check that the URL is a JSON-RPC endpoint of an EVM chain.`,
      { details: { method }, cause },
    )
  }
}
