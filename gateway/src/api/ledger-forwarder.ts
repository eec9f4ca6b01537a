import { z } from 'zod'
import { RpcConnection } from '@orlop/contracts/rpc/rpc-connection'
import { RpcError } from '@orlop/contracts/rpc/rpc-error'
import type { Deployment } from '@orlop/protocol/deployment'
import { OrlopError } from '@orlop/protocol/errors'

/** Where browsers ask the ledger through the gateway. */
export const LEDGER_FORWARD_PATH = '/v1/rpc'
/** A call of the contracts' readers is much shorter. */
export const MAX_LEDGER_REQUEST_BYTES = 16 * 1024
/** Blocks of one log range; readers ask for smaller ones when they are told so. */
export const MAX_LOG_BLOCKS = 10_000
const MAX_ANSWER_BYTES = 8 * 1024 * 1024
const MAX_CALLS_UNDER_WAY = 32

/** JSON-RPC 2.0, 5.1, and EIP-1474. */
const METHOD_NOT_FOUND = -32601
const INVALID_PARAMS = -32602
const LIMIT_EXCEEDED = -32005

const quantity = z.string().regex(/^0x(0|[1-9a-fA-F][0-9a-fA-F]{0,12})$/)
const block = z.union([quantity, z.enum(['latest', 'finalized'])])
const hash = z.string().regex(/^0x[0-9a-fA-F]{64}$/)
const topic = z.union([hash, z.array(hash).max(16), z.null()])
const requestSchema = z.strictObject({
  jsonrpc: z.literal('2.0'),
  id: z.union([z.string().max(64), z.int(), z.null()]),
  method: z.string().max(64),
  params: z.array(z.unknown()).max(4).default([]),
})
export type LedgerAnswer = {
  jsonrpc: '2.0'
  id: string | number | null
} & ({ result: unknown } | { error: { code: number; message: string; data?: string } })

/** What may be asked: what readers of Orlop's own contracts ask, and nothing that changes or spends. */
function methodsOf(deployment: Deployment): ReadonlyMap<string, z.ZodType<unknown[]>> {
  const { registry, receipts, credit } = deployment
  const contracts = new Set([registry, receipts, credit].map((address) => address.toLowerCase()))
  const contract = z.string().refine((address) => contracts.has(address.toLowerCase()))
  const call = z.strictObject({ to: contract, data: z.string().regex(/^0x[0-9a-fA-F]*$/) })
  const logs = z.strictObject({
    address: contract,
    topics: z.array(topic).max(4),
    fromBlock: quantity,
    toBlock: quantity,
  })
  return new Map<string, z.ZodType<unknown[]>>([
    ['eth_chainId', z.tuple([])],
    ['eth_getCode', z.tuple([contract, z.literal('latest')])],
    ['eth_getBlockByNumber', z.tuple([block, z.literal(false)])],
    ['eth_getBlockByHash', z.tuple([hash, z.literal(false)])],
    ['eth_getTransactionReceipt', z.tuple([hash])],
    ['eth_call', z.tuple([call, block])],
    ['eth_getLogs', z.tuple([logs])],
  ])
}

/** Lets browsers read Orlop's contracts where the ledger's own JSON-RPC must not be open to them. */
export class LedgerForwarder {
  readonly #connection: RpcConnection
  readonly #methods: ReadonlyMap<string, z.ZodType<unknown[]>>
  #callsUnderWay = 0

  /** @param rpcUrl - http(s), may hold user and password; it is never shown. */
  constructor(rpcUrl: string, deployment: Deployment, options: { fetch?: typeof fetch } = {}) {
    this.#connection = new RpcConnection(rpcUrl, {
      ...options,
      retries: 0,
      maxAnswerBytes: MAX_ANSWER_BYTES,
    })
    this.#methods = methodsOf(deployment)
  }

  /**
   * Answers one JSON-RPC request. What may not be asked gets a JSON-RPC error.
   *
   * @throws OrlopError `USAGE` when it is no request, `PEER_LIMIT` when too many are under way, `LEDGER_UNREACHABLE`.
   */
  async answer(body: unknown): Promise<LedgerAnswer> {
    const parsed = requestSchema.safeParse(body)
    if (!parsed.success) {
      throw new OrlopError('USAGE', 'The body is no JSON-RPC 2.0 request. Send one at a time.')
    }
    const { id, method } = parsed.data
    const refuse = (code: number, message: string, data?: string): LedgerAnswer => ({
      jsonrpc: '2.0',
      id,
      error: { code, message, ...(data === undefined ? {} : { data }) },
    })
    const schema = this.#methods.get(method)
    if (schema === undefined) {
      const known = [...this.#methods.keys()].join(', ')
      return refuse(METHOD_NOT_FOUND, `only these are answered here: ${known}`)
    }
    const params = schema.safeParse(parsed.data.params)
    if (!params.success)
      return refuse(INVALID_PARAMS, 'only calls and logs of the contracts are answered here')
    if (logBlocks(method, params.data) > MAX_LOG_BLOCKS)
      return refuse(LIMIT_EXCEEDED, `ask for at most ${MAX_LOG_BLOCKS} blocks at a time`)
    try {
      return { jsonrpc: '2.0', id, result: await this.#call(method, params.data) }
    } catch (error) {
      if (!(error instanceof RpcError)) throw error
      return refuse(error.code, 'the ledger refused the call', error.revertData ?? undefined)
    }
  }

  async #call(method: string, params: unknown[]): Promise<unknown> {
    if (this.#callsUnderWay >= MAX_CALLS_UNDER_WAY) {
      throw new OrlopError('PEER_LIMIT', 'Too many calls are under way. Ask again in a moment.')
    }
    this.#callsUnderWay += 1
    try {
      return await this.#connection.call(method, params)
    } finally {
      this.#callsUnderWay -= 1
    }
  }
}

function logBlocks(method: string, [filter]: readonly unknown[]): number {
  if (method !== 'eth_getLogs') return 0
  const { fromBlock, toBlock } = filter as { fromBlock: string; toBlock: string }
  return Number(toBlock) - Number(fromBlock) + 1
}
