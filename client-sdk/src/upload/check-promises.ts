import { equalConstantTime } from '@orlop/crypto/bytes'
import type { Deployment } from '@orlop/protocol/deployment'
import { OrlopError } from '@orlop/protocol/errors'
import type { NodeRecord } from '@orlop/protocol/ledger-records'
import {
  ackType,
  commitType,
  type Offer,
  type SignedAck,
  type SignedCommit,
  type SignedRefusal,
  type SignedReservation,
  refusalType,
  reservationType,
} from '@orlop/protocol/messages/storing'
import { assertSignedBy, digestOf } from '@orlop/protocol/typed-message'

/** What a reservation must be about. */
export interface ReservationTerms {
  readonly objectId: Uint8Array
  readonly clientId: number
  readonly index: number
  readonly maxBytes: number
  readonly nowMs: number
}

/**
 * Checks that a reservation is the node's own word for this very strip.
 *
 * @throws OrlopError `SIGNATURE_INVALID` when it is signed by another account, or promises something else than asked.
 */
export function checkReservation(
  deployment: Deployment,
  reservation: SignedReservation,
  node: NodeRecord,
  terms: ReservationTerms,
): void {
  const { message } = reservation
  const isAsAsked =
    message.nodeId === node.nodeId &&
    message.clientId === terms.clientId &&
    message.index === terms.index &&
    message.maxBytes >= terms.maxBytes &&
    message.heldUntilMs > terms.nowMs &&
    equalConstantTime(message.objectId, terms.objectId)
  if (!isAsAsked) throw brokenPromise(node, 'a reservation for something else than was asked')
  assertSignedBy(reservationType, deployment, reservation, node.account)
}

/** Checks that a refusal is the node's own answer to this offer. @throws OrlopError `SIGNATURE_INVALID`. */
export function checkRefusal(
  deployment: Deployment,
  refusal: SignedRefusal,
  node: NodeRecord,
  offer: Offer,
): void {
  const { message } = refusal
  const isAnswer =
    message.nodeId === node.nodeId &&
    message.clientId === offer.clientId &&
    message.requestTimeMs === offer.requestTimeMs &&
    equalConstantTime(message.objectId, offer.objectId)
  if (!isAnswer) throw brokenPromise(node, 'a refusal of something else than was offered')
  assertSignedBy(refusalType, deployment, refusal, node.account)
}

/** Checks that an acknowledgement is this node's, for this very commit. @throws OrlopError `SIGNATURE_INVALID`. */
export function checkAck(
  deployment: Deployment,
  ack: SignedAck,
  node: NodeRecord,
  commit: SignedCommit,
): void {
  const expected = digestOf(commitType, deployment, commit.message)
  const isForCommit =
    ack.message.nodeId === node.nodeId &&
    commit.message.nodeId === node.nodeId &&
    equalConstantTime(ack.message.commitHash, expected)
  if (!isForCommit) throw brokenPromise(node, 'an acknowledgement of something else')
  assertSignedBy(ackType, deployment, ack, node.account)
}

function brokenPromise(node: NodeRecord, what: string): OrlopError {
  return new OrlopError(
    'SIGNATURE_INVALID',
    `Node ${node.name} gave ${what}. It is not used for this object; tell its operator.`,
    { details: { nodeId: node.nodeId } },
  )
}
