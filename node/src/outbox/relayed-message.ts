import { z } from 'zod'
import { registerClientType, rotateSignerType } from '@orlop/protocol/messages/identity'
import {
  envelopeUpdateType,
  extendType,
  ratingType,
  removeType,
} from '@orlop/protocol/messages/keeping'
import { signedSchema } from '@orlop/protocol/typed-message'
import { count, ledgerId } from '@orlop/protocol/wire/common'
import { relayedReceipt } from '@orlop/protocol/wire/relay'

/** A client's signed message that this node puts on the ledger. */
const relayedMessage = z.union([
  z.strictObject({ registerClient: signedSchema(registerClientType) }),
  z.strictObject({ rotateSigner: signedSchema(rotateSignerType) }),
  z.strictObject({ rating: signedSchema(ratingType) }),
  z.strictObject({ anchorEnvelope: signedSchema(envelopeUpdateType) }),
  z.strictObject({ extend: signedSchema(extendType) }),
  z.strictObject({ remove: signedSchema(removeType) }),
  z.strictObject({ receipt: relayedReceipt }),
])
export type RelayedMessage = z.infer<typeof relayedMessage>

const relayedKind = z.enum([
  'registerClient',
  'rotateSigner',
  'rating',
  'anchorEnvelope',
  'extend',
  'remove',
  'receipt',
])
export type RelayedKind = z.infer<typeof relayedKind>

export const relayRecord = z.strictObject({
  message: relayedMessage,
  addedAtMs: count,
  attempts: count,
  /** Not before this time. */
  nextAttemptMs: count,
  /** When it was put on the ledger; absent until then. */
  sentAtMs: count.optional(),
  transactionHash: z.string().max(66).optional(),
  /** Of a registration, once the ledger gave it. */
  clientId: ledgerId.optional(),
  /** The ledger's last refusal. */
  problem: z.string().max(500).optional(),
  /** True when the node has given up. */
  rejected: z.literal(true).optional(),
})
export type RelayRecord = z.infer<typeof relayRecord>

/** How far a relayed message has come. */
export interface RelayQueueStatus {
  state: 'waiting' | 'sent' | 'rejected'
  transactionHash?: string
  clientId?: number
  problem?: string
}

/** Which message it is. */
export function kindOf(message: RelayedMessage): RelayedKind {
  return relayedKind.parse(Object.keys(message)[0])
}
