import { z } from 'zod'
import { removeType } from '@orlop/protocol/messages/keeping'
import { ackType, commitType, offerType } from '@orlop/protocol/messages/storing'
import { signedSchema } from '@orlop/protocol/typed-message'
import { bytes32, count, envelopeBytes, stripIndex } from '@orlop/protocol/wire/common'

/** Values of the index, one schema for each kind. They are canonical CBOR on disk and checked at every read. */

const transactionHash = z.string().max(66)
const reason = z.string().max(500)

export const reservationRecord = z.strictObject({
  /** The client's signed offer, as it was accepted. */
  offer: signedSchema(offerType),
  index: stripIndex,
  /** The receipt number kept for it. */
  sequence: count,
  /** Most bytes of this strip. */
  maxBytes: count,
  /** Until when it is kept if no byte arrives. */
  heldUntilMs: count,
})
export type ReservationRecord = z.infer<typeof reservationRecord>

export const stripRecord = z.strictObject({
  commit: signedSchema(commitType),
  ack: signedSchema(ackType),
  stripBytes: count,
  /** Unix seconds until which the strip is kept: the commit's, or later after extensions. */
  expirySeconds: count,
  storedAtMs: count,
  state: z.enum(['stored', 'recorded', 'final']),
  /** The ledger transaction that holds the receipt; absent until recorded. */
  transactionHash: transactionHash.optional(),
  /** Why the ledger does not take the receipt; absent unless it refused. */
  rejection: reason.optional(),
})
export type StripRecord = z.infer<typeof stripRecord>

export const envelopeRecord = z.strictObject({
  version: count.min(1),
  envelopeHash: bytes32,
  envelope: envelopeBytes,
})

export const spreadRecord = z.strictObject({
  commit: signedSchema(commitType),
  /** The client's offer, shown to a further node when the target is gone. */
  offer: signedSchema(offerType).optional(),
  /** The target's word that it has the strip; absent until then. */
  ack: signedSchema(ackType).optional(),
  addedAtMs: count,
  attempts: count,
  nextAttemptMs: count,
  problem: reason.optional(),
})
export type SpreadRecord = z.infer<typeof spreadRecord>

export const tombstoneRecord = z.strictObject({
  remove: signedSchema(removeType),
  removedAtMs: count,
})
export type TombstoneRecord = z.infer<typeof tombstoneRecord>

export const outboxRecord = z.strictObject({
  commit: signedSchema(commitType),
  addedAtMs: count,
  /** Absent while it waits to be sent. */
  transactionHash: transactionHash.optional(),
  /** Why the contract left it out; it is tried again at `retryAtMs`, or never when that is absent too. */
  rejection: reason.optional(),
  retryAtMs: count.optional(),
})
export type OutboxRecord = z.infer<typeof outboxRecord>
