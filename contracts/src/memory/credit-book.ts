import { encodeUtf8 } from '@orlop/crypto/bytes'
import type { Deployment } from '@orlop/protocol/deployment'
import type { RatingEvent, Unplaced } from '@orlop/protocol/history-events'
import { ratingType, type Rating, type SignedRating } from '@orlop/protocol/messages/keeping'
import {
  EPOCH_SECONDS,
  NO_EVIDENCE,
  UNUSED_BUDGET,
  annulRating,
  applyRating,
  creditOf,
  spendBudget,
  type Evidence,
  type RatingBudget,
} from '../credit-math.ts'
import { ledgerRejected } from '../rejections.ts'
import type { ReceiptBook } from './receipt-book.ts'
import type { RegistryBook, Sending } from './registry-book.ts'
import { isSignedBy } from './signed-by.ts'

const ACTION = 'rate a receipt'
const MAX_SCORE = 5
const MAX_REASON_BYTES = 256

type Told = Unplaced<RatingEvent>

/** The rating of one receipt, as people name it to the contract. */
export interface RatingName {
  nodeId: number
  sequence: number
}

interface StoredRating {
  rating: Rating
  /** null where it did not count. */
  round: bigint | null
  appeal: 'none' | 'filed' | 'dismissed'
  isAnnulled: boolean
}

const keyOf = ({ nodeId, sequence }: RatingName) => `${nodeId}/${sequence}`

/** The rules of `Credit.sol` in memory. */
export class CreditBook {
  readonly #deployment: Deployment
  readonly #registry: RegistryBook
  readonly #receipts: ReceiptBook
  readonly #evidence = new Map<number, Evidence>()
  readonly #budgets = new Map<string, RatingBudget>()
  readonly #rated = new Map<string, StoredRating>()

  constructor(deployment: Deployment, registry: RegistryBook, receipts: ReceiptBook) {
    this.#deployment = deployment
    this.#registry = registry
    this.#receipts = receipts
  }

  /** Credit of a node and the number of ratings behind it. */
  standing(nodeId: number): { creditMillionths: number; ratings: number } {
    const evidence = this.#evidence.get(nodeId) ?? NO_EVIDENCE
    return { creditMillionths: creditOf(evidence), ratings: Number(evidence.round) }
  }

  /** A rating beyond the client's weight for this node and epoch is kept but does not count. */
  rate(sending: Sending, signed: SignedRating): Told {
    const { message } = signed
    this.#requireCited(message)
    requireScore(message)
    if (this.#rated.has(keyOf(message))) {
      const facts = { nodeId: message.nodeId, sequence: message.sequence }
      throw ledgerRejected({ action: ACTION, reason: 'AlreadyRated', facts })
    }
    this.#requireClient(signed)
    const isCounted = this.#isCounted(sending, message)
    const before = this.#evidence.get(message.nodeId) ?? NO_EVIDENCE
    const after = isCounted ? applyRating(before, message.score) : before
    this.#rated.set(keyOf(message), {
      rating: { ...message },
      round: isCounted ? after.round : null,
      appeal: 'none',
      isAnnulled: false,
    })
    if (!isCounted) return { kind: 'rated', ...message, change: null }
    return { kind: 'rated', ...message, change: this.#change(message.nodeId, before, after) }
  }

  /** The rated node objects, once. */
  appeal(sending: Sending, name: RatingName, reasonHash: Uint8Array): Told {
    const action = 'appeal against a rating'
    const { nodeId, sequence } = name
    if (this.#registry.node(nodeId)?.account !== sending.sender) {
      const facts = { nodeId, sender: sending.sender }
      throw ledgerRejected({ action, reason: 'NotTheNode', facts })
    }
    const stored = this.#counted(action, name)
    if (stored.appeal !== 'none' || stored.rating.score === MAX_SCORE) {
      const facts = { nodeId, sequence, state: stored.appeal }
      throw ledgerRejected({ action, reason: 'AppealRefused', facts })
    }
    stored.appeal = 'filed'
    return { kind: 'appealed', ...stored.rating, reasonHash: reasonHash.slice() }
  }

  /** The steward takes a rating back. */
  annul(sending: Sending, name: RatingName, reason: string): Told {
    const stored = this.#judged('annul a rating', sending, { name, reason })
    stored.isAnnulled = true
    const { rating, round } = stored
    const before = this.#evidence.get(name.nodeId) ?? NO_EVIDENCE
    const after = annulRating(before, { score: rating.score, round: round ?? 0n })
    const change = this.#change(name.nodeId, before, after)
    return { kind: 'annulled', ...rating, steward: sending.sender, reason, change }
  }

  /** The steward lets a rating stand against an appeal. */
  dismiss(sending: Sending, name: RatingName, reason: string): Told {
    const action = 'dismiss an appeal'
    const stored = this.#judged(action, sending, { name, reason })
    if (stored.appeal !== 'filed') {
      const facts = { ...name, state: stored.appeal }
      throw ledgerRejected({ action, reason: 'AppealRefused', facts })
    }
    stored.appeal = 'dismissed'
    return { kind: 'dismissed', ...stored.rating, steward: sending.sender, reason }
  }

  #change(nodeId: number, before: Evidence, after: Evidence) {
    this.#evidence.set(nodeId, after)
    return { beforeMillionths: creditOf(before), afterMillionths: creditOf(after) }
  }

  #judged(
    action: string,
    { sender }: Sending,
    { name, reason }: { name: RatingName; reason: string },
  ): StoredRating {
    if (!this.#registry.isSteward(sender)) {
      throw ledgerRejected({ action, reason: 'NotSteward', facts: { sender } })
    }
    const { length } = encodeUtf8(reason)
    if (length === 0 || length > MAX_REASON_BYTES) {
      throw ledgerRejected({ action, reason: 'ReasonRefused', facts: { length } })
    }
    return this.#counted(action, name)
  }

  #counted(action: string, name: RatingName): StoredRating {
    const stored = this.#rated.get(keyOf(name))
    const facts = { nodeId: name.nodeId, sequence: name.sequence }
    if (stored === undefined || stored.round === null) {
      throw ledgerRejected({ action, reason: 'NotRated', facts })
    }
    if (stored.isAnnulled) throw ledgerRejected({ action, reason: 'AlreadyAnnulled', facts })
    return stored
  }

  #isCounted(sending: Sending, { clientId, nodeId, score }: Rating): boolean {
    const key = `${clientId}/${nodeId}`
    const epoch = BigInt(sending.blockTimeMs) / 1000n / EPOCH_SECONDS
    const spent = spendBudget(this.#budgets.get(key) ?? UNUSED_BUDGET, { score, epoch })
    this.#budgets.set(key, spent.budget)
    return spent.counted
  }

  #requireCited({ nodeId, sequence, clientId }: Rating): void {
    const receipt = this.#receipts.receipt(nodeId, sequence)
    if (receipt?.clientId === clientId) return
    throw ledgerRejected({ action: ACTION, reason: 'NotRecorded', facts: { nodeId, sequence } })
  }

  #requireClient(signed: SignedRating): void {
    const { clientId } = signed.message
    const client = this.#registry.client(clientId)
    if (client?.state !== 'admitted') {
      const facts = { clientId, state: client?.state ?? 'none' }
      throw ledgerRejected({ action: ACTION, reason: 'ClientRefused', facts })
    }
    if (!isSignedBy(ratingType, this.#deployment, signed, client.signer)) {
      const facts = { expected: client.signer }
      throw ledgerRejected({ action: ACTION, reason: 'BadSignature', facts })
    }
  }
}

function requireScore({ score, causeCode }: Rating): void {
  if (score === 0 || score > MAX_SCORE) {
    throw ledgerRejected({ action: ACTION, reason: 'ScoreRefused', facts: { score } })
  }
  if (score < MAX_SCORE && causeCode === 0) {
    throw ledgerRejected({ action: ACTION, reason: 'CauseMissing', facts: { score } })
  }
}
