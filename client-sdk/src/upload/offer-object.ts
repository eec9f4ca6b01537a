import { formatObjectId } from '@orlop/protocol/ids'
import { isOrlopError, OrlopError } from '@orlop/protocol/errors'
import type { NodeRecord } from '@orlop/protocol/ledger-records'
import {
  type Offer,
  offerType,
  REFUSAL_REASONS,
  type RefusalReason,
  type SignedRefusal,
  type SignedReservation,
} from '@orlop/protocol/messages/storing'
import { nameOfCode } from '@orlop/protocol/data-classes'
import { type OfferAnswer, offerAnswer } from '@orlop/protocol/wire/offer'
import type { ClientContext } from '../context.ts'
import { checkRefusal, checkReservation } from './check-promises.ts'
import type { ChosenNodes } from './choose-nodes.ts'
import type { UploadRecord } from './upload-record.ts'

/** How a node answered an offer. */
export type OfferOutcome =
  | {
      readonly kind: 'accepted'
      readonly reservations: readonly SignedReservation[]
      /** Proposed nodes that will not hold a strip, with the reason. */
      readonly missing: ReadonlyMap<number, string>
    }
  | { readonly kind: 'refused'; readonly reason: RefusalReason; readonly retryAfterMs: number }
  /** The dial failed, so nothing was delivered and no lease began. */
  | { readonly kind: 'undelivered'; readonly error: OrlopError }

/**
 * Sends one offer to the ingress node, under the request lease.
 *
 * @throws OrlopError `LEASE_HELD`; `NODE_UNREACHABLE` or `TIMEOUT` when the offer may have been delivered and no answer came (the
 * lease then goes on); `SIGNATURE_INVALID` when the answer is forged.
 */
export async function offerObject(
  context: ClientContext,
  record: UploadRecord,
  chosen: ChosenNodes,
  options: { readonly signal?: AbortSignal } = {},
): Promise<OfferOutcome> {
  const { network, home, identity, deployment } = context
  const { ingress, proposed } = chosen
  const objectName = formatObjectId(record.objectId)
  const held = await home.leases.current(objectName)
  if (held === null || held.nodeId === ingress.nodeId) {
    const failure = await dialFailure(context, ingress, options)
    if (failure !== null && held === null) return { kind: 'undelivered', error: failure }
    if (failure !== null) throw failure
  }
  await home.leases.start(objectName, ingress.nodeId)
  const offer = composeOffer(context, record, chosen)
  const node = { nodeId: ingress.nodeId, name: ingress.name }
  context.events.emit({ type: 'offered', objectName, node, maxBytes: offer.maxBytes })
  const request = { offer: identity.sign(offerType, offer) }
  const answer = await network.call(
    ingress,
    { verb: 'offer', request, answer: offerAnswer },
    options,
  )
  if ('refusal' in answer) {
    checkRefusal(deployment, answer.refusal, ingress, offer)
    await home.leases.end(objectName)
    return takeRefusal(context, answer.refusal)
  }
  return takeReservations(context, { answer, offer, nodes: [ingress, ...proposed] })
}

function composeOffer(context: ClientContext, record: UploadRecord, chosen: ChosenNodes): Offer {
  const { treatment } = record
  return {
    objectId: record.objectId,
    clientId: context.identity.clientId,
    nodeId: chosen.ingress.nodeId,
    requestTimeMs: context.home.clockOffset.nowMs(),
    maxBytes: record.sealed?.streamBytes ?? record.maxSealedBytes,
    k: 1,
    m: treatment.copies - 1,
    classCode: treatment.classCode,
    expiry: record.expiry,
    proposedNodeIds: chosen.proposed.map(({ nodeId }) => nodeId),
  }
}

async function dialFailure(
  context: ClientContext,
  node: NodeRecord,
  options: { readonly signal?: AbortSignal },
): Promise<OrlopError | null> {
  try {
    await context.network.connect(node, options)
    return null
  } catch (error) {
    options.signal?.throwIfAborted()
    if (isOrlopError(error)) return error
    throw error
  }
}

/** A refusal corrects the clock, or says when to ask again. */
async function takeRefusal(context: ClientContext, refusal: SignedRefusal): Promise<OfferOutcome> {
  const { nodeId, reasonCode, retryAfterMs, nodeTimeMs } = refusal.message
  const reason = nameOfCode(REFUSAL_REASONS, reasonCode)
  const { clockOffset, evidence } = context.home
  if (reason === 'clock-skew') await clockOffset.correct(nodeTimeMs)
  else if (retryAfterMs > 0) await evidence.askedToWait(nodeId, clockOffset.nowMs() + retryAfterMs)
  return { kind: 'refused', reason, retryAfterMs }
}

interface AnsweredOffer {
  readonly answer: Extract<OfferAnswer, { reservations: unknown }>
  readonly offer: Offer
  /** In order of strips. */
  readonly nodes: readonly NodeRecord[]
}

async function takeReservations(
  context: ClientContext,
  { answer, offer, nodes }: AnsweredOffer,
): Promise<OfferOutcome> {
  const nowMs = context.home.clockOffset.nowMs()
  const reservations: SignedReservation[] = []
  const missing = new Map<number, string>()
  for (const [index, node] of nodes.entries()) {
    const found = answer.reservations.find(({ message }) => message.index === index)
    if (found === undefined) {
      missing.set(node.nodeId, await reasonOf(context, { answer, offer, node }))
      continue
    }
    checkReservation(context.deployment, found, node, { ...offer, index, nowMs })
    reservations.push(found)
  }
  const [first] = nodes
  if (first !== undefined && missing.has(first.nodeId)) {
    throw new OrlopError(
      'SIGNATURE_INVALID',
      `Node ${first.name} accepted an offer without a reservation of its own. Another node will be asked.`,
      { details: { nodeId: first.nodeId } },
    )
  }
  return { kind: 'accepted', reservations, missing }
}

async function reasonOf(
  context: ClientContext,
  { answer, offer, node }: Pick<AnsweredOffer, 'answer' | 'offer'> & { readonly node: NodeRecord },
): Promise<string> {
  const refusal = answer.refusals.find(({ message }) => message.nodeId === node.nodeId)
  if (refusal === undefined) return 'not reachable from the ingress node'
  checkRefusal(context.deployment, refusal, node, { ...offer, nodeId: node.nodeId })
  const outcome = await takeRefusal(context, refusal)
  return outcome.kind === 'refused' ? `refused (${outcome.reason})` : 'refused'
}
