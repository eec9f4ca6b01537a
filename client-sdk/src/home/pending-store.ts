import * as z from 'zod'
import { formatObjectId } from '@orlop/protocol/ids'
import {
  envelopeUpdateType,
  extendType,
  RATING_CAUSES,
  type RatingCause,
  ratingType,
  removeType,
} from '@orlop/protocol/messages/keeping'
import { signedSchema } from '@orlop/protocol/typed-message'
import { bytes32, count, envelopeBytes, ledgerId } from '@orlop/protocol/wire/common'
import { type HomeDatabase, RecordTable } from './table.ts'

/** Who has taken the message so far, and when it was last handed on. */
const handed = { handedToNodeIds: z.array(ledgerId).max(64), handedMs: count }

const causes = Object.keys(RATING_CAUSES) as [RatingCause, ...RatingCause[]]

/** A receipt that the ledger does not show yet, and the rating its node gets when it does. */
const awaitedReceipt = z.strictObject({
  nodeId: ledgerId,
  sequence: count,
  score: z.int().min(1).max(5),
  cause: z.enum(causes),
})
export type AwaitedReceipt = z.infer<typeof awaitedReceipt>

const pendingMessage = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('rating'), rating: signedSchema(ratingType), ...handed }),
  /** Receipts of an own object. Commits and Acks are in the catalogue. */
  z.strictObject({
    kind: z.literal('receipts'),
    objectId: bytes32,
    receipts: z.array(awaitedReceipt).max(64),
    /** Since when the ledger was read and did not show them, wall milliseconds; null before, and after it was away. */
    missedMs: z.union([count, z.null()]),
    ...handed,
  }),
  z.strictObject({
    kind: z.literal('anchor'),
    update: signedSchema(envelopeUpdateType),
    ...handed,
  }),
  /** A new envelope on its way to the holders that did not have it yet. */
  z.strictObject({
    kind: z.literal('envelope'),
    objectId: bytes32,
    clientId: ledgerId,
    version: count,
    envelope: envelopeBytes,
    nodeIds: z.array(ledgerId).max(64),
    ...handed,
  }),
  z.strictObject({
    kind: z.literal('remove'),
    remove: signedSchema(removeType),
    nodeIds: z.array(ledgerId).max(64),
    ...handed,
  }),
  z.strictObject({
    kind: z.literal('extend'),
    extend: signedSchema(extendType),
    nodeIds: z.array(ledgerId).max(64),
    ...handed,
  }),
])

/** A message the client signed and the ledger does not hold for good yet. */
export type PendingMessage = z.infer<typeof pendingMessage>
export type PendingRating = Extract<PendingMessage, { kind: 'rating' }>
export type PendingReceipts = Extract<PendingMessage, { kind: 'receipts' }>

/** Messages of this client's own that are put on the ledger by nodes: kept until the ledger cannot lose them (formats.md 9). */
export class PendingStore {
  readonly #table: RecordTable<PendingMessage>

  constructor(database: HomeDatabase) {
    this.#table = new RecordTable<PendingMessage>(database, {
      name: 'pending',
      schema: pendingMessage,
    })
  }

  /** Keeps a message; one for the same thing is replaced. */
  put(message: PendingMessage): Promise<void> {
    return this.#table.put(keyOf(message), message)
  }

  delete(message: PendingMessage): Promise<void> {
    return this.#table.delete(keyOf(message))
  }

  /** The receipts of an own object that are awaited; null when none is. */
  async receiptsOf(objectId: Uint8Array): Promise<PendingReceipts | null> {
    const pending = await this.#table.get(receiptsKey(objectId))
    return pending?.kind === 'receipts' ? pending : null
  }

  /** The rating of a receipt that waits here; null when there is none. */
  async ratingOf(
    receipt: Pick<AwaitedReceipt, 'nodeId' | 'sequence'>,
  ): Promise<PendingRating | null> {
    const pending = await this.#table.get(ratingKey(receipt.nodeId, receipt.sequence))
    return pending?.kind === 'rating' ? pending : null
  }

  all(): Promise<PendingMessage[]> {
    return this.#table.all()
  }
}

function keyOf(pending: PendingMessage): string {
  switch (pending.kind) {
    case 'rating': {
      const { nodeId, sequence } = pending.rating.message
      return ratingKey(nodeId, sequence)
    }
    case 'receipts':
      return receiptsKey(pending.objectId)
    case 'anchor':
      return `anchor/${formatObjectId(pending.update.message.objectId)}`
    case 'envelope':
      return `envelope/${formatObjectId(pending.objectId)}`
    case 'remove':
      return `remove/${formatObjectId(pending.remove.message.objectId)}/${pending.remove.message.index}`
    case 'extend':
      return `extend/${formatObjectId(pending.extend.message.objectId)}/${pending.extend.message.index}`
  }
}

function ratingKey(nodeId: number, sequence: number): string {
  return `rating/${nodeId}/${sequence}`
}

function receiptsKey(objectId: Uint8Array): string {
  return `receipts/${formatObjectId(objectId)}`
}
