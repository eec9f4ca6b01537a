import { abandonable } from '@orlop/protocol/abandonable'
import { systemClock, type Clock } from '@orlop/protocol/clock'
import { deploymentSchema, type Deployment } from '@orlop/protocol/deployment'
import { OrlopError, throwIfAborted } from '@orlop/protocol/errors'
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
import type { Abi, ExtractAbiFunctionNames } from 'abitype'
import { getAddress } from 'ethers'
import { creditEventOf } from './credit-event-of.ts'
import { BlockTimes } from './ethers/block-times.ts'
import { toClientRecord, toNodeRecord } from './ethers/ledger-values.ts'
import { LogScanner, type ScanOptions } from './ethers/log-scanner.ts'
import { ObjectLogReader } from './ethers/object-log-reader.ts'
import { RatingLogReader } from './ethers/rating-log-reader.ts'
import { ReceiptLogReader } from './ethers/receipt-log-reader.ts'
import { RegistryLogReader } from './ethers/registry-log-reader.ts'
import { SignerLogReader } from './ethers/signer-log-reader.ts'
import { orlopContracts, type OrlopContracts } from './orlop-contracts.ts'
import { LedgerRpc, type Block } from './rpc/ledger-rpc.ts'
import { RpcConnection, type RpcConnectionOptions } from './rpc/rpc-connection.ts'
import { RpcError } from './rpc/rpc-error.ts'
import type { ArgumentsOf, ResultOf, TypedContract } from './typed-contract.ts'

export interface EthersLedgerOptions extends RpcConnectionOptions {
  /** http or https; may hold user and password. It is never shown. */
  rpcUrl: string
  deployment: Deployment
  clock?: Clock
}

/** Nodes asked for in one call, and credits asked for at the same time. */
const NODES_PAGE = 8
const CLIENTS_PAGE = 64
const CALL = 'A call to the ledger'

/** Reads a ledger over JSON-RPC. Chain and contracts are checked before the first answer is given, and again after a failure. */
export class EthersLedgerReader implements LedgerHistory {
  readonly deployment: Deployment
  /** Calls and events of the contracts, for those who read more of them than this class. */
  readonly contracts: OrlopContracts
  protected readonly clock: Clock
  protected readonly rpc: LedgerRpc
  readonly #receiptLogs: ReceiptLogReader
  readonly #objectLogs: ObjectLogReader
  readonly #ratingLogs: RatingLogReader
  readonly #registryLogs: RegistryLogReader
  readonly #signerLogs: SignerLogReader
  #verification: Promise<void> | null = null

  /** Connects to nothing yet. @throws OrlopError `CONFIG_INVALID` when the URL is no http(s) URL. */
  constructor(options: EthersLedgerOptions) {
    this.deployment = deploymentSchema.parse(options.deployment)
    this.clock = options.clock ?? systemClock
    this.rpc = new LedgerRpc(new RpcConnection(options.rpcUrl, options))
    this.contracts = orlopContracts(this.deployment)
    const scanner = new LogScanner(this.rpc)
    const times = new BlockTimes(this.rpc)
    const parts = { rpc: this.rpc, contracts: this.contracts, scanner, times }
    this.#receiptLogs = new ReceiptLogReader(parts)
    this.#signerLogs = new SignerLogReader(parts)
    this.#objectLogs = new ObjectLogReader(parts)
    this.#ratingLogs = new RatingLogReader({ ...parts, fromBlock: this.deployment.fromBlock })
    this.#registryLogs = new RegistryLogReader(parts)
  }

  /**
   * Checks that the endpoint's chain and contracts are those of the deployment. Every call does so by itself until it succeeded
   * once; call it to know early.
   *
   * @throws OrlopError `LEDGER_MISMATCH`, `LEDGER_UNREACHABLE`; `ABORTED` as soon as `signal` fires, while others go on waiting.
   */
  async verify(options: LedgerCallOptions = {}): Promise<void> {
    throwIfAborted(options.signal, CALL)
    // Shared by all who wait, so that calls keep their order: no single caller's signal may end it.
    this.#verification ??= this.#checkLedger().catch((error: unknown) => {
      this.#verification = null
      throw error
    })
    await abandonable(this.#verification, { signal: options.signal, what: CALL })
    throwIfAborted(options.signal, CALL)
  }

  async head(options: LedgerCallOptions = {}): Promise<LedgerHead> {
    await this.verify(options)
    const { number, hash, timestamp } = await this.latestBlock(options)
    return { blockNumber: number, blockHash: hash, blockTimeMs: timestamp * 1000 }
  }

  async block(blockNumber: number, options: LedgerCallOptions = {}): Promise<LedgerHead | null> {
    await this.verify(options)
    const block = await this.rpc.block(blockNumber, options)
    if (block === null) return null
    return { blockNumber, blockHash: block.hash, blockTimeMs: block.timestamp * 1000 }
  }

  async nodes(options: LedgerCallOptions = {}): Promise<NodeRecord[]> {
    const nodes: NodeRecord[] = []
    for (let fromId = 1; ; fromId += NODES_PAGE) {
      const page = await this.#nodesPage(fromId, NODES_PAGE, options)
      nodes.push(...page.nodes)
      if (page.isLast) return nodes
    }
  }

  async node(nodeId: number, options: LedgerCallOptions = {}): Promise<NodeRecord | null> {
    const { nodes } = await this.#nodesPage(nodeId, 1, options)
    return nodes[0] ?? null
  }

  async client(clientId: number, options: LedgerCallOptions = {}): Promise<ClientRecord | null> {
    const { registry } = this.contracts
    const [client] = await this.view(registry, 'clients', [clientId, 1], options)
    return client === undefined ? null : toClientRecord(clientId, client)
  }

  async clients(options: LedgerCallOptions = {}): Promise<ClientRecord[]> {
    const clients: ClientRecord[] = []
    for (let fromId = 1; ; fromId += CLIENTS_PAGE) {
      const args = [fromId, CLIENTS_PAGE] as const
      const page = await this.view(this.contracts.registry, 'clients', args, options)
      for (const [place, client] of Array.from(page).entries()) {
        const record = toClientRecord(fromId + place, client)
        if (record !== null) clients.push(record)
      }
      if (page.length < CLIENTS_PAGE) return clients
    }
  }

  async clientBySigner(
    signer: string,
    options: LedgerCallOptions = {},
  ): Promise<ClientRecord | null> {
    const { registry } = this.contracts
    const clientId = await this.view(registry, 'clientIdOf', [getAddress(signer)], options)
    return this.client(Number(clientId), options)
  }

  async formerSigners(clientId: number, options: LedgerCallOptions = {}): Promise<string[]> {
    const { fromBlock, toBlock } = await this.#bounded({}, options)
    return this.#signerLogs.former(clientId, { fromBlock, toBlock }, options)
  }

  async *receipts(filter: LedgerFilter, options: ScanOptions = {}): AsyncIterable<Receipt> {
    yield* this.#receiptLogs.read(await this.#bounded(filter, options), options)
  }

  async *objectEvents(
    filter: LedgerFilter,
    options: LedgerCallOptions = {},
  ): AsyncIterable<ObjectEvent> {
    yield* this.#objectLogs.read(await this.#bounded(filter, options), options)
  }

  async *creditEvents(
    filter: LedgerFilter,
    options: LedgerCallOptions = {},
  ): AsyncIterable<CreditEvent> {
    const blocks = await this.#bounded(filter, options)
    for await (const event of this.#ratingLogs.changing(blocks, options)) {
      const change = creditEventOf(event)
      if (change !== null) yield change
    }
  }

  async *ratingEvents(
    filter: LedgerFilter,
    options: LedgerCallOptions = {},
  ): AsyncIterable<RatingEvent> {
    yield* this.#ratingLogs.read(await this.#bounded(filter, options), options)
  }

  async *registryEvents(
    filter: LedgerFilter,
    options: LedgerCallOptions = {},
  ): AsyncIterable<RegistryEvent> {
    yield* this.#registryLogs.read(await this.#bounded(filter, options), options)
  }

  /** Asks a contract; after an answer that it cannot have given, the chain is checked anew. */
  protected async view<const A extends Abi, N extends ExtractAbiFunctionNames<A>>(
    contract: TypedContract<A>,
    name: N,
    args: ArgumentsOf<A, N>,
    options: LedgerCallOptions = {},
  ): Promise<ResultOf<A, N>> {
    await this.verify(options)
    return this.#ask(contract, name, args, options)
  }

  protected async latestBlock(options: LedgerCallOptions = {}): Promise<Block> {
    const block = await this.rpc.block('latest', options)
    if (block !== null) return block
    throw this.rpc.unusable('eth_getBlockByNumber', new Error('there is no latest block'))
  }

  async #checkLedger(): Promise<void> {
    const { chainId, registry, receipts, credit } = this.deployment
    const found = await this.rpc.chainId()
    if (found !== chainId) throw this.#mismatch(`is chain ${found}, expected ${chainId}`)
    for (const [name, address] of Object.entries({ registry, receipts, credit })) {
      const code = await this.rpc.code(address)
      if (code === '0x') throw this.#mismatch(`has no ${name} contract at ${address}`)
    }
    const ofReceipts = await this.#ask(this.contracts.receipts, 'registry', [], {})
    const ofCredit = await this.#ask(this.contracts.credit, 'receipts', [], {})
    const isOneLedger =
      getAddress(ofReceipts) === getAddress(registry) &&
      getAddress(ofCredit) === getAddress(receipts)
    if (!isOneLedger) throw this.#mismatch('has contracts that do not belong together')
  }

  async #ask<const A extends Abi, N extends ExtractAbiFunctionNames<A>>(
    contract: TypedContract<A>,
    name: N,
    args: ArgumentsOf<A, N>,
    options: LedgerCallOptions,
  ): Promise<ResultOf<A, N>> {
    const call = { to: contract.address, data: contract.encodeCall(name, args) }
    try {
      return contract.decodeResult(name, await this.rpc.call(call, options))
    } catch (error) {
      if (error instanceof OrlopError) throw error
      if (error instanceof RpcError && !error.isRevert) throw this.rpc.unusable('eth_call', error)
      this.#verification = null
      throw this.#mismatch(
        `has a contract at ${contract.address} that cannot answer ${name}`,
        error,
      )
    }
  }

  async #bounded(filter: LedgerFilter, options: LedgerCallOptions) {
    await this.verify(options)
    const fromBlock = Math.max(filter.fromBlock ?? 0, this.deployment.fromBlock)
    const head = await this.latestBlock(options)
    return { ...filter, fromBlock, toBlock: Math.min(filter.toBlock ?? head.number, head.number) }
  }

  async #nodesPage(fromId: number, count: number, options: LedgerCallOptions) {
    const { registry, credit } = this.contracts
    const page = await this.view(registry, 'nodes', [fromId, count], options)
    const masterNodeId = Number(await this.view(registry, 'masterNodeId', [], options))
    const nodes = await Promise.all(
      Array.from(page, async (node, place) => {
        const nodeId = fromId + place
        const creditMillionths = await this.view(credit, 'creditOf', [nodeId], options)
        const evidence = await this.view(credit, 'evidenceOf', [nodeId, RATING_TRACK], options)
        return toNodeRecord(nodeId, node, {
          isMaster: nodeId === masterNodeId,
          creditMillionths: Number(creditMillionths),
          ratings: Number(evidence[2]),
        })
      }),
    )
    return { nodes: nodes.filter((node) => node !== null), isLast: page.length < count }
  }

  #mismatch(finding: string, cause?: unknown): OrlopError {
    return new OrlopError(
      'LEDGER_MISMATCH',
      `The ledger at ${this.rpc.shownUrl} ${finding}. Check the URL and the deployment file: they must be of one ledger.`,
      { cause },
    )
  }
}

/** `ICredit.Track.Rating`. */
const RATING_TRACK = 0
