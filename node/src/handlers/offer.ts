import { isOrlopError } from '@orlop/protocol/errors'
import { MAX_CLOCK_SKEW_MS } from '@orlop/protocol/limits'
import {
  type Offer,
  offerType,
  type SignedOffer,
  type SignedRefusal,
  type SignedReservation,
} from '@orlop/protocol/messages/storing'
import { digestOf } from '@orlop/protocol/typed-message'
import { type OfferAnswer, offerRequest } from '@orlop/protocol/wire/offer'
import type { ChannelHandler } from '@orlop/transport/transport'
import type { NodeParts } from '../network/node-parts.ts'
import { OfferQueue } from '../network/offer-queue.ts'
import { requireClient } from '../network/peer-gate.ts'
import { reserveStrip } from '../network/reserve-strip.ts'
import { receiveValue, sendValue } from '../network/wire.ts'

type Gathered = Extract<OfferAnswer, { reservations: unknown }>

/** `offer`: decides on offers in the order of their request time and gathers the other nodes' reservations (formats 7). */
export function createOfferHandler(parts: NodeParts): ChannelHandler {
  const { timers, limits, clock, deployment, ledger } = parts
  const queue = new OfferQueue({ timers, windowMs: limits.offerWindowMs })
  return async (channel) => {
    const { offer } = await receiveValue(channel, offerRequest)
    const arrivedMs = clock.nowMs()
    requireClient(channel, offer.message.clientId)
    await ledger.assertSignedByClient(offerType, offer, offer.message.clientId)
    const early = refuseAtOnce(parts, offer.message, arrivedMs)
    if (early !== null) {
      await sendValue(channel, { refusal: early })
      return
    }
    const turn = {
      requestTimeMs: offer.message.requestTimeMs,
      digest: digestOf(offerType, deployment, offer.message),
    }
    const own = await queue.take(turn, () => reserveStrip(parts, offer, 0))
    await sendValue(channel, 'refusal' in own ? own : await gather(parts, offer, own.reservation))
  }
}

/** Refusals that need no turn: the clock is off, or the offer is no offer to this node. */
function refuseAtOnce(parts: NodeParts, offer: Offer, arrivedMs: number): SignedRefusal | null {
  const { signer, nodeId } = parts
  if (Math.abs(offer.requestTimeMs - arrivedMs) > MAX_CLOCK_SKEW_MS) {
    return signer.refusal(offer, { reason: 'clock-skew', retryAfterMs: 1, nowMs: arrivedMs })
  }
  const proposed = new Set(offer.proposedNodeIds)
  const isWell =
    offer.nodeId === nodeId &&
    offer.proposedNodeIds.length <= offer.k + offer.m - 1 &&
    proposed.size === offer.proposedNodeIds.length &&
    !proposed.has(nodeId)
  if (isWell) return null
  return signer.refusal(offer, { reason: 'offer-invalid', retryAfterMs: 0, nowMs: arrivedMs })
}

/** Asks every proposed node at the same time. */
async function gather(
  parts: NodeParts,
  offer: SignedOffer,
  own: SignedReservation,
): Promise<Gathered> {
  const answer: Gathered = { reservations: [own], refusals: [], unreachableNodeIds: [] }
  const signal = AbortSignal.timeout(parts.limits.gatherTimeoutMs)
  const asked = offer.message.proposedNodeIds.map(async (nodeId, place) => {
    try {
      return await parts.dialer.reserve(nodeId, { offer, index: place + 1 }, { signal })
    } catch (error) {
      if (!isOrlopError(error)) throw error
      parts.logger.info({ nodeId, err: error }, 'no reservation from a proposed node')
      return { unreachable: nodeId }
    }
  })
  for (const one of await Promise.all(asked)) {
    if ('reservation' in one) answer.reservations.push(one.reservation)
    else if ('refusal' in one) answer.refusals.push(one.refusal)
    else answer.unreachableNodeIds.push(one.unreachable)
  }
  return answer
}
