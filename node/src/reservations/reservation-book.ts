import type { RefusalReason, SignedOffer } from '@orlop/protocol/messages/storing'
import type { StripKey } from '../storage/strip-key.ts'
import type { ReservationRecord } from '../storage/records.ts'
import type { PartyFacts } from './decide.ts'

export interface ReserveRequest {
  /** The client's offer, its signature checked. */
  offer: SignedOffer
  /** Which strip this node is to take: 0 at the ingress node. */
  index: number
  /** What the ledger and this node's configuration say about the two parties. */
  parties: PartyFacts
}

/** Room and receipt number, or why not and when to ask again. */
export type ReserveOutcome =
  | { accepted: true; reservation: ReservationRecord }
  | { accepted: false; reason: RefusalReason; retryAfterMs: number }

/** Room and receipt numbers kept for strips to come. */
export interface ReservationBook {
  /**
   * Decides on an offer and keeps room and the lowest free receipt number for it, durably. The same strip again gives the same
   * number, held anew.
   */
  reserve(request: ReserveRequest): Promise<ReserveOutcome>
  /** The open reservation of a strip; null when there is none (any more). */
  find(key: StripKey): Promise<ReservationRecord | null>
  /** Gives a reservation back: its room, its number, its staged bytes. @returns false when there was none. */
  release(key: StripKey): Promise<boolean>
  /** Open reservations. */
  readonly open: number
  /** Bytes that further reservations can have: quota and disk, whichever is less. */
  freeBytes(): Promise<number>
}
