import type { Deployment } from '@orlop/protocol/deployment'
import type { CreditEvent } from '@orlop/protocol/ledger-records'
import { ratingType, type Rating, type SignedRating } from '@orlop/protocol/messages/keeping'
import {
  EPOCH_SECONDS,
  NO_EVIDENCE,
  UNUSED_BUDGET,
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

/** The rules of `Credit.sol` in memory. */
export class CreditBook {
  readonly #deployment: Deployment
  readonly #registry: RegistryBook
  readonly #receipts: ReceiptBook
  readonly #evidence = new Map<number, Evidence>()
  readonly #budgets = new Map<string, RatingBudget>()
  readonly #rated = new Set<string>()

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

  /** @returns null when the client's weight for this node and epoch is used up: the rating is kept but does not count. */
  rate(sending: Sending, signed: SignedRating): Omit<CreditEvent, 'position'> | null {
    const { message } = signed
    const key = `${message.nodeId}/${message.sequence}`
    this.#requireCited(message)
    requireScore(message)
    if (this.#rated.has(key)) {
      const facts = { nodeId: message.nodeId, sequence: message.sequence }
      throw ledgerRejected({ action: ACTION, reason: 'AlreadyRated', facts })
    }
    this.#requireClient(signed)
    this.#rated.add(key)
    if (!this.#isCounted(sending, message)) return null
    const before = this.#evidence.get(message.nodeId) ?? NO_EVIDENCE
    const after = applyRating(before, message.score)
    this.#evidence.set(message.nodeId, after)
    const credits = { beforeMillionths: creditOf(before), afterMillionths: creditOf(after) }
    return { kind: 'rated', ...message, ...credits }
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
