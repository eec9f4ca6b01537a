import type { RatingEvent, Unplaced } from '@orlop/protocol/history-events'
import type {
  ChainClient,
  Inclusion,
  NodeProfile,
  RecordItem,
  RecordResult,
} from '@orlop/protocol/ledger'
import type { Citation } from '@orlop/protocol/ledger-records'
import type { SignedRegisterClient, SignedRotateSigner } from '@orlop/protocol/messages/identity'
import type {
  SignedEnvelopeUpdate,
  SignedExtend,
  SignedMove,
  SignedRating,
  SignedRemove,
} from '@orlop/protocol/messages/keeping'
import { getAddress } from 'ethers'
import { MemoryLedgerReader, otherTurns } from './memory-ledger-reader.ts'
import type { MemoryLedger, MemoryTransaction } from './memory-ledger.ts'
import type { RatingName } from './memory/credit-book.ts'
import type { ObjectChange } from './memory/receipt-book.ts'
import { commitOf, isSameCommit } from './receipt-commit.ts'

const objectLogs = (change: ObjectChange | null) =>
  change === null ? [] : [{ kind: 'object' as const, record: change }]

/** A {@link ChainClient} on a {@link MemoryLedger}: the same rules and refusals as the contracts, without a chain. Gas is 0. */
export class MemoryChainClient extends MemoryLedgerReader implements ChainClient {
  readonly account: string

  /** @param account - the address that sends; nothing is checked, since nothing is signed. */
  constructor(ledger: MemoryLedger, account: string) {
    super(ledger)
    this.account = getAddress(account)
  }

  async registerNode(profile: NodeProfile): Promise<number> {
    const own = structuredClone(profile)
    return this.#send(({ registry }, sending) => registry.registerNode(sending, own))
  }

  async updateNode(profile: NodeProfile): Promise<void> {
    const own = structuredClone(profile)
    await this.#send(({ registry }, sending) => {
      registry.updateNode(sending, own)
    })
  }

  async heartbeat(freeBytes: number): Promise<void> {
    await this.#send(({ registry }, sending) => {
      registry.heartbeat(sending, freeBytes)
    })
  }

  async admitNode(nodeId: number): Promise<void> {
    await this.#send(({ registry }, sending) => {
      registry.changeNode(sending, nodeId, 'admitted')
    })
  }

  async drainNode(nodeId: number, reason: string): Promise<void> {
    await this.#send(({ registry }, sending) => {
      registry.changeNode(sending, nodeId, 'draining', reason)
    })
  }

  async retireNode(nodeId: number, reason: string): Promise<void> {
    await this.#send(({ registry }, sending) => {
      registry.changeNode(sending, nodeId, 'retired', reason)
    })
  }

  async setMaster(nodeId: number): Promise<void> {
    await this.#send(({ registry }, sending) => {
      registry.setMaster(sending, nodeId)
    })
  }

  async registerClient(registration: SignedRegisterClient): Promise<number> {
    const own = structuredClone(registration)
    return this.#send(({ registry }, sending) => registry.registerClient(sending, own))
  }

  async admitClient(clientId: number, minimumImportance: number): Promise<void> {
    await this.#send(({ registry }, sending) => {
      registry.admitClient(sending, clientId, minimumImportance)
    })
  }

  async suspendClient(clientId: number, reason: string): Promise<void> {
    await this.#send(({ registry }, sending) => {
      registry.suspendClient(sending, clientId, reason)
    })
  }

  async rotateSigner(rotation: SignedRotateSigner): Promise<void> {
    const own = structuredClone(rotation)
    await this.#send(({ registry }) => {
      registry.rotateSigner(own)
    })
  }

  async record(items: RecordItem[]): Promise<RecordResult> {
    const own = structuredClone(items)
    const { result, transactionHash } = await this.#submit(({ receipts }, sending) => {
      const outcome = receipts.record(sending, own)
      const logs = outcome.recorded.map((record) => ({ kind: 'receipt' as const, record }))
      return { result: outcome, logs }
    })
    const rejected = result.rejected.filter(({ item }) => !this.#holdsSame(own[item]))
    return { transactionHash, batchId: result.batchId, gasUsed: 0, rejected }
  }

  async rate(rating: SignedRating): Promise<string> {
    const own = structuredClone(rating)
    return this.#judge(({ credit }, sending) => credit.rate(sending, own))
  }

  /** The contract's `appeal`, by the rated node. */
  async appeal(name: RatingName, reasonHash: Uint8Array): Promise<string> {
    return this.#judge(({ credit }, sending) => credit.appeal(sending, name, reasonHash))
  }

  /** The contract's `annul`, by the steward. */
  async annul(name: RatingName, reason: string): Promise<string> {
    return this.#judge(({ credit }, sending) => credit.annul(sending, name, reason))
  }

  /** The contract's `dismiss`, by the steward. */
  async dismiss(name: RatingName, reason: string): Promise<string> {
    return this.#judge(({ credit }, sending) => credit.dismiss(sending, name, reason))
  }

  /** The contract's `setTier`, by the steward. */
  async setTier(nodeId: number, tier: NodeProfile['tier'], reason: string): Promise<void> {
    await this.#send(({ registry }, sending) => {
      registry.setTier(sending, { nodeId, tier, reason })
    })
  }

  async extend(extend: SignedExtend): Promise<string> {
    const own = structuredClone(extend)
    return this.#change(({ receipts }, sending) => receipts.extend(sending, own))
  }

  async remove(remove: SignedRemove): Promise<string> {
    const own = structuredClone(remove)
    return this.#change(({ receipts }) => receipts.remove(own))
  }

  async move(move: SignedMove): Promise<string> {
    const own = structuredClone(move)
    const { transactionHash } = await this.#submit(({ receipts }, sending) => {
      const { receipt, change } = receipts.move(sending, own)
      return {
        result: undefined,
        logs: [{ kind: 'receipt' as const, record: receipt }, ...objectLogs(change)],
      }
    })
    return transactionHash
  }

  async anchorEnvelope(update: SignedEnvelopeUpdate): Promise<string> {
    const own = structuredClone(update)
    return this.#change(({ receipts }) => receipts.anchorEnvelope(own))
  }

  async isRecorded(nodeId: number, sequence: number): Promise<boolean> {
    await otherTurns()
    return this.ledger.read().receipts.receipt(nodeId, sequence) !== null
  }

  async inclusion(transactionHash: string): Promise<Inclusion | null> {
    await otherTurns()
    return this.ledger.inclusion(transactionHash)
  }

  async cite(nodeId: number, sequence: number): Promise<Citation | null> {
    await otherTurns()
    return this.ledger.read().receipts.cite(nodeId, sequence)
  }

  async #submit<T>(run: MemoryTransaction<T>): Promise<{ result: T; transactionHash: string }> {
    await otherTurns()
    return this.ledger.submit(this.account, run)
  }

  async #send<T>(run: (...input: Parameters<MemoryTransaction<T>>) => T): Promise<T> {
    const { result } = await this.#submit((...input) => {
      const done = run(...input)
      const told = input[0].registry.takeEvents()
      return { result: done, logs: told.map((record) => ({ kind: 'registry' as const, record })) }
    })
    return result
  }

  async #judge(
    run: (...input: Parameters<MemoryTransaction<void>>) => Unplaced<RatingEvent>,
  ): Promise<string> {
    const { transactionHash } = await this.#submit((...input) => ({
      result: undefined,
      logs: [{ kind: 'rating' as const, record: run(...input) }],
    }))
    return transactionHash
  }

  async #change(
    run: (...input: Parameters<MemoryTransaction<void>>) => ObjectChange | null,
  ): Promise<string> {
    const { transactionHash } = await this.#submit((...input) => {
      const change = run(...input)
      return { result: undefined, logs: objectLogs(change) }
    })
    return transactionHash
  }

  /** Whether the very commit of a left-out item is on the ledger already. */
  #holdsSame(item: RecordItem | undefined): boolean {
    if (item === undefined) return false
    const { message } = item.commit
    const held = this.ledger.read().receipts.receipt(message.nodeId, message.sequence)
    return held !== null && isSameCommit(this.deployment, message, commitOf(held))
  }
}
