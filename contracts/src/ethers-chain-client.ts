import { TIERS } from '@orlop/protocol/data-classes'
import type {
  ChainClient,
  Inclusion,
  NodeProfile,
  RecordItem,
  RecordResult,
} from '@orlop/protocol/ledger'
import type { Citation, Receipt } from '@orlop/protocol/ledger-records'
import { MAX_BATCH_RECEIPTS } from '@orlop/protocol/limits'
import type { SignedRegisterClient, SignedRotateSigner } from '@orlop/protocol/messages/identity'
import type {
  SignedEnvelopeUpdate,
  SignedExtend,
  SignedMove,
  SignedRating,
  SignedRemove,
} from '@orlop/protocol/messages/keeping'
import type { Abi, ExtractAbiFunctionNames } from 'abitype'
import { EthersLedgerReader, type EthersLedgerOptions } from './ethers-ledger-reader.ts'
import { ReceiptFinder } from './ethers/receipt-finder.ts'
import {
  TransactionSender,
  type SenderOptions,
  type SentTransaction,
} from './ethers/transaction-sender.ts'
import { isFinalBy, type FinalityPolicy } from './finality.ts'
import { packAck, packCommit } from './packed-commit.ts'
import { peerIdToBytes } from './peer-id-bytes.ts'
import { commitOf, isSameCommit } from './receipt-commit.ts'
import { REJECT_REASONS, ledgerRejected } from './rejections.ts'
import type { ArgumentsOf, TypedContract } from './typed-contract.ts'

export interface EthersChainOptions extends EthersLedgerOptions, SenderOptions {
  /** 32 bytes; signs and pays for transactions. */
  privateKey: Uint8Array
  /** Default: a block is final at once, as on Besu with QBFT. */
  finality?: FinalityPolicy
}

/** Writes to a ledger over JSON-RPC with one account. All reading as {@link EthersLedgerReader}. */
export class EthersChainClient extends EthersLedgerReader implements ChainClient {
  readonly account: string
  readonly #sender: TransactionSender
  readonly #finality: FinalityPolicy
  readonly #receipts: ReceiptFinder
  #ownNodeId = 0

  /** Connects to nothing yet. @throws OrlopError `CONFIG_INVALID` when the URL is no http(s) URL. */
  constructor(options: EthersChainOptions) {
    super(options)
    const { rpc, clock } = this
    const { privateKey } = options
    const { chainId } = this.deployment
    this.#sender = new TransactionSender({ rpc, chainId, privateKey, clock }, options)
    this.#finality = options.finality ?? { kind: 'depth', blocks: 0 }
    this.account = this.#sender.account
    this.#receipts = new ReceiptFinder(this, rpc)
  }

  async registerNode(profile: NodeProfile): Promise<number> {
    const { registry } = this.contracts
    const args = [packProfile(profile), TIERS[profile.tier]] as const
    const { receipt } = await this.#write('register a node', registry, 'registerNode', args)
    for (const log of receipt.logs) {
      const event = registry.decodeLog(log)
      if (event?.name === 'NodeRegistered') return Number(event.args.nodeId)
    }
    throw ledgerRejected({ action: 'register a node', reason: 'NoEvent' })
  }

  async updateNode(profile: NodeProfile): Promise<void> {
    const { registry } = this.contracts
    await this.#write('update a node', registry, 'updateNode', [packProfile(profile)])
  }

  async heartbeat(freeBytes: number): Promise<void> {
    await this.#write('send a heartbeat', this.contracts.registry, 'heartbeat', [freeBytes])
  }

  async admitNode(nodeId: number): Promise<void> {
    await this.#write('admit a node', this.contracts.registry, 'admitNode', [nodeId, ''])
  }

  async drainNode(nodeId: number, reason: string): Promise<void> {
    await this.#write('drain a node', this.contracts.registry, 'drainNode', [nodeId, reason])
  }

  async retireNode(nodeId: number, reason: string): Promise<void> {
    await this.#write('retire a node', this.contracts.registry, 'retireNode', [nodeId, reason])
  }

  async setMaster(nodeId: number): Promise<void> {
    await this.#write('set the master', this.contracts.registry, 'setMaster', [nodeId])
  }

  async registerClient({ message, signature }: SignedRegisterClient): Promise<number> {
    const { registry } = this.contracts
    const action = 'register a client'
    const args = [message, signature] as const
    const { receipt } = await this.#write(action, registry, 'registerClient', args)
    for (const log of receipt.logs) {
      const event = registry.decodeLog(log)
      if (event?.name === 'ClientRegistered') return Number(event.args.clientId)
    }
    throw ledgerRejected({ action, reason: 'NoEvent' })
  }

  async admitClient(clientId: number, minimumImportance: number): Promise<void> {
    const args = [clientId, minimumImportance, ''] as const
    await this.#write('admit a client', this.contracts.registry, 'admitClient', args)
  }

  async suspendClient(clientId: number, reason: string): Promise<void> {
    const { registry } = this.contracts
    await this.#write('suspend a client', registry, 'suspendClient', [clientId, reason])
  }

  async rotateSigner({ message, signature }: SignedRotateSigner): Promise<void> {
    const action = 'replace the keys of a client'
    await this.#write(action, this.contracts.registry, 'rotateSigner', [message, signature])
  }

  async record(items: RecordItem[]): Promise<RecordResult> {
    const action = 'record receipts'
    if (items.length > MAX_BATCH_RECEIPTS) {
      const facts = { count: items.length }
      throw ledgerRejected({ action, reason: 'BatchSizeRefused', facts })
    }
    const { receipts } = this.contracts
    const commits = items.map(({ commit }) => packCommit(commit))
    const acks = (await this.#areAllOwn(items)) ? [] : items.map(({ ack }) => packAck(ack))
    const { hash, receipt } = await this.#write(action, receipts, 'record', [commits, acks])
    const result: RecordResult = {
      transactionHash: hash,
      batchId: null,
      gasUsed: receipt.gasUsed,
      rejected: [],
    }
    for (const log of receipt.logs) {
      const event = receipts.decodeLog(log)
      if (event?.name === 'BatchRecorded') result.batchId = Number(event.args.batchId)
      if (event?.name !== 'Rejected') continue
      const item = Number(event.args.position)
      const reason = REJECT_REASONS[Number(event.args.reason)] ?? 'Unknown'
      const isHeld = reason === 'AlreadyRecorded' && (await this.#holdsSame(items[item]))
      if (!isHeld) result.rejected.push({ item, reason })
    }
    return result
  }

  async rate({ message, signature }: SignedRating): Promise<string> {
    const { nodeId, clientId, sequence } = message
    const action = 'rate a receipt'
    const cited = await this.#receipts.numbered({ nodeId, clientId }, sequence)
    const citation = await this.#citation(action, cited, { nodeId, sequence })
    const args = [message, signature, citation] as const
    return (await this.#write(action, this.contracts.credit, 'rate', args)).hash
  }

  async extend({ message, signature }: SignedExtend): Promise<string> {
    const action = 'extend an object'
    const citation = await this.#citation(action, await this.#receipts.ofStrip(message))
    const args = [message, signature, citation] as const
    return (await this.#write(action, this.contracts.receipts, 'extend', args)).hash
  }

  async remove({ message, signature }: SignedRemove): Promise<string> {
    const action = 'remove an object'
    const citation = await this.#citation(action, await this.#receipts.ofStrip(message))
    const args = [message, signature, citation] as const
    return (await this.#write(action, this.contracts.receipts, 'remove', args)).hash
  }

  async move({ message, signature }: SignedMove): Promise<string> {
    const { objectId, fromNodeId: nodeId, fromSequence: sequence } = message
    const action = 'move a strip'
    const cited = await this.#receipts.numbered({ objectId, nodeId }, sequence)
    const citation = await this.#citation(action, cited, { nodeId, sequence })
    const args = [message.toNodeId, message.toSequence, signature, citation] as const
    return (await this.#write(action, this.contracts.receipts, 'move', args)).hash
  }

  async anchorEnvelope({ message, signature }: SignedEnvelopeUpdate): Promise<string> {
    const args = [message, signature] as const
    const { receipts } = this.contracts
    return (await this.#write('fix an envelope', receipts, 'anchorEnvelope', args)).hash
  }

  isRecorded(nodeId: number, sequence: number): Promise<boolean> {
    return this.view(this.contracts.receipts, 'isRecorded', [nodeId, sequence])
  }

  async inclusion(transactionHash: string): Promise<Inclusion | null> {
    await this.verify()
    const receipt = await this.rpc.transactionReceipt(transactionHash)
    if (receipt === null) return null
    return { blockNumber: receipt.blockNumber, isFinal: await this.#isFinal(receipt.blockNumber) }
  }

  async cite(nodeId: number, sequence: number): Promise<Citation | null> {
    if (!(await this.isRecorded(nodeId, sequence))) return null
    const receipt = await this.#receipts.numbered({ nodeId }, sequence)
    return receipt === null ? null : this.#receipts.proof(receipt)
  }

  async #write<const A extends Abi, N extends ExtractAbiFunctionNames<A>>(
    action: string,
    contract: TypedContract<A>,
    name: N,
    args: ArgumentsOf<A, N>,
  ): Promise<SentTransaction> {
    const data = contract.encodeCall(name, args)
    await this.verify()
    return this.#sender.send({ action, to: contract.address, data })
  }

  async #isFinal(blockNumber: number): Promise<boolean> {
    const policy = this.#finality
    if (policy.kind === 'tag') {
      const finalized = await this.rpc.block('finalized')
      return finalized !== null && finalized.number >= blockNumber
    }
    const [head, block] = await Promise.all([this.latestBlock(), this.rpc.block(blockNumber)])
    if (block === null) return false
    const blockTimeMs = block.timestamp * 1000
    const nowMs = this.clock.nowMs()
    return isFinalBy(policy, { blockNumber, blockTimeMs, headNumber: head.number, nowMs })
  }

  /** A node's own receipts need no acknowledgements. */
  async #areAllOwn(items: readonly RecordItem[]): Promise<boolean> {
    if (this.#ownNodeId === 0) {
      const nodeId = await this.view(this.contracts.registry, 'nodeIdOf', [this.account])
      this.#ownNodeId = Number(nodeId)
    }
    return items.every(({ commit }) => commit.message.nodeId === this.#ownNodeId)
  }

  /** Whether the very commit of a left-out item is on the ledger already. */
  async #holdsSame(item: RecordItem | undefined): Promise<boolean> {
    if (item === undefined) return false
    const { message } = item.commit
    const held = await this.#receipts.numbered(message, message.sequence)
    return held !== null && isSameCommit(this.deployment, message, commitOf(held))
  }

  async #citation(action: string, receipt: Receipt | null, facts = {}) {
    const citation = receipt === null ? null : await this.#receipts.proof(receipt)
    if (receipt === null || citation === null) {
      throw ledgerRejected({ action, reason: 'NotRecorded', facts })
    }
    return { ...citation, commit: commitOf(receipt) }
  }
}

function packProfile(profile: NodeProfile) {
  const { addresses, capacityBytes, region, name } = profile
  if (addresses.some((address) => address.includes(','))) {
    throw new RangeError('addresses: expected none with a comma')
  }
  const peerId = peerIdToBytes(profile.peerId)
  return { peerId, addresses: addresses.join(','), capacityBytes, region, name }
}
