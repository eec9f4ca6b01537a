import type { Deployment } from '@orlop/protocol/deployment'
import {
  ackType,
  commitType,
  type Offer,
  REFUSAL_REASONS,
  type RefusalReason,
  refusalType,
  reservationType,
  type SignedAck,
  type SignedCommit,
  type SignedRefusal,
  type SignedReservation,
} from '@orlop/protocol/messages/storing'
import { digestOf, signMessage } from '@orlop/protocol/typed-message'
import type { ReservationRecord } from '../storage/records.ts'

export interface NodeSignerOptions {
  nodeId: number
  deployment: Deployment
  /** 32 bytes. */
  ledgerKey: Uint8Array
}

/** What this node promises, signed with its ledger key. */
export class NodeSigner {
  readonly #options: NodeSignerOptions

  constructor(options: NodeSignerOptions) {
    this.#options = options
  }

  reservation(record: ReservationRecord): SignedReservation {
    const { nodeId, deployment, ledgerKey } = this.#options
    const { objectId, clientId } = record.offer.message
    const { index, sequence, maxBytes, heldUntilMs } = record
    const message = { objectId, index, clientId, nodeId, sequence, maxBytes, heldUntilMs }
    return signMessage(reservationType, deployment, message, ledgerKey)
  }

  /** @param why - `retryAfterMs` 0 when asking again is no use. */
  refusal(
    { objectId, clientId, requestTimeMs }: Offer,
    why: { reason: RefusalReason; retryAfterMs: number; nowMs: number },
  ): SignedRefusal {
    const { nodeId, deployment, ledgerKey } = this.#options
    const message = {
      objectId,
      clientId,
      nodeId,
      requestTimeMs,
      reasonCode: REFUSAL_REASONS[why.reason],
      retryAfterMs: why.retryAfterMs,
      nodeTimeMs: why.nowMs,
    }
    return signMessage(refusalType, deployment, message, ledgerKey)
  }

  /** Only after the strip is durable and its root checked. */
  ack(commit: SignedCommit, storedAtMs: number): SignedAck {
    const { nodeId, deployment, ledgerKey } = this.#options
    const commitHash = digestOf(commitType, deployment, commit.message)
    return signMessage(ackType, deployment, { commitHash, nodeId, storedAtMs }, ledgerKey)
  }
}
