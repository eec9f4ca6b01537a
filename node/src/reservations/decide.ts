import type { Tier } from '@orlop/protocol/data-classes'
import type { ClientState, NodeState } from '@orlop/protocol/ledger-records'
import { MAX_STRIPS } from '@orlop/protocol/limits'
import type { Offer, RefusalReason } from '@orlop/protocol/messages/storing'

/** What the ledger and the node's own configuration say about the two parties of an offer. */
export interface PartyFacts {
  /** null when the ledger does not know the client. */
  clientState: ClientState | null
  /** 0 = none; else only data at least this important is taken (1 critical … 3 routine). */
  clientMinimumImportance: number
  nodeState: NodeState
  nodeTier: Tier
  /** Importance that the offer's class implies; null when the class is undisclosed or implies none. */
  importance: number | null
}

/** Everything a decision rests on. */
export interface OfferFacts {
  parties: PartyFacts
  offer: Offer
  index: number
  nowMs: number
  /** What this node has of the strip. */
  here: 'nothing' | 'reserved' | 'stored' | 'removed'
  /** Bytes reserved for this very strip before; 0 when none. */
  heldBytes: number
  openReservationsOfClient: number
  /** Room for further reservations. */
  freeBytes: number
  limits: { maxStripBytes: number; maxReservationsPerClient: number }
}

export type Decision =
  { accepted: true } | { accepted: false; reason: RefusalReason; retryAfterMs: number }

/** When to ask again, by what has to change until then; 0 = asking again is no use. */
const RETRY = { never: 0, admissionMs: 60_000, reservationsMs: 60_000, roomMs: 600_000 } as const
/** Routine data; light nodes take nothing more important (formats 10). */
const ROUTINE = 3

/**
 * Whether this node takes a strip, from facts alone: the same facts always give the same answer. Reasons come in the order in
 * which a client can do something about them.
 */
export function decide(facts: OfferFacts): Decision {
  return refuseParties(facts) ?? refuseOffer(facts) ?? refuseRoom(facts) ?? { accepted: true }
}

function refuse(reason: RefusalReason, retryAfterMs: number): Decision {
  return { accepted: false, reason, retryAfterMs }
}

function refuseParties({ parties }: OfferFacts): Decision | null {
  const { clientState, nodeState } = parties
  if (clientState === 'suspended') return refuse('not-admitted', RETRY.never)
  if (clientState !== 'admitted') return refuse('not-admitted', RETRY.admissionMs)
  if (nodeState === 'pending') return refuse('not-admitted', RETRY.admissionMs)
  if (nodeState !== 'admitted') return refuse('draining', RETRY.never)
  return null
}

function refuseOffer({ offer, index, nowMs, here, parties }: OfferFacts): Decision | null {
  const strips = offer.k + offer.m
  // k > 1 is erasure coding: a later version of the node takes it.
  const isWell = offer.k === 1 && strips <= MAX_STRIPS && index < strips && offer.maxBytes > 0
  if (!isWell || offer.expiry * 1000 <= nowMs) return refuse('offer-invalid', RETRY.never)
  if (here === 'removed') return refuse('offer-invalid', RETRY.never)
  if (here === 'stored') return refuse('already-stored', RETRY.never)
  const { clientMinimumImportance, importance, nodeTier } = parties
  // An undisclosed class proves no importance, so it cannot meet a minimum.
  if (clientMinimumImportance > 0 && (importance ?? Infinity) > clientMinimumImportance) {
    return refuse('below-minimum-importance', RETRY.never)
  }
  if (nodeTier === 'light' && importance !== null && importance < ROUTINE) {
    return refuse('tier-not-served', RETRY.never)
  }
  return null
}

function refuseRoom(facts: OfferFacts): Decision | null {
  const { offer, limits, here } = facts
  if (offer.maxBytes > limits.maxStripBytes) return refuse('too-large', RETRY.never)
  const isFurther = here === 'nothing'
  if (isFurther && facts.openReservationsOfClient >= limits.maxReservationsPerClient) {
    return refuse('too-many-reservations', RETRY.reservationsMs)
  }
  if (offer.maxBytes > facts.freeBytes + facts.heldBytes) return refuse('node-full', RETRY.roomMs)
  return null
}
