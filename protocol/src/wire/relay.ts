import * as z from 'zod'
import {
  clientRecord,
  creditEvent,
  ledgerHead,
  nodeRecord,
  objectEvent,
  receipt,
} from '../ledger-records.ts'
import { registerClientType, rotateSignerType } from '../messages/identity.ts'
import { envelopeUpdateType, ratingType } from '../messages/keeping.ts'
import { ackType, commitType } from '../messages/storing.ts'
import { signedSchema } from '../typed-message.ts'
import { count, ledgerId, objectIdBytes } from './common.ts'

const filter = z.strictObject({
  clientId: ledgerId.optional(),
  nodeId: ledgerId.optional(),
  objectId: objectIdBytes.optional(),
  fromBlock: count.optional(),
  toBlock: count.optional(),
})

const address = z.string().regex(/^0x[0-9a-fA-F]{40}$/)

/** Rotations of one client that are shown: more than anybody needs. */
const MAX_FORMER_SIGNERS = 1024

/**
 * A receipt that its node has not put on the ledger: with the node's Ack anybody may put it there. Ask another node than the one
 * that withholds it.
 */
export const relayedReceipt = z.strictObject({
  commit: signedSchema(commitType),
  ack: signedSchema(ackType),
})
export type RelayedReceipt = z.infer<typeof relayedReceipt>

/**
 * `relay`: a ship needs one connection only. `read` answers from the node's view of the ledger; `submit` puts the client's signed
 * message there at the node's expense. A relay can delay, or show an old view; it cannot forge what is signed.
 */
export const relayRequest = z.union([
  z.strictObject({ head: z.literal(true) }),
  z.strictObject({ nodes: z.literal(true) }),
  z.strictObject({ client: z.union([ledgerId, address]) }),
  z.strictObject({ formerSigners: ledgerId }),
  z.strictObject({ receipts: filter }),
  z.strictObject({ objectEvents: filter }),
  z.strictObject({ creditEvents: filter }),
  z.strictObject({ registerClient: signedSchema(registerClientType) }),
  z.strictObject({ rotateSigner: signedSchema(rotateSignerType) }),
  z.strictObject({ rating: signedSchema(ratingType) }),
  z.strictObject({ anchorEnvelope: signedSchema(envelopeUpdateType) }),
  z.strictObject({ receipt: relayedReceipt }),
])
export type RelayRequest = z.infer<typeof relayRequest>

/** Lists come in pages of at most {@link RELAY_PAGE_RECORDS}, ended by `more: false`. */
export const RELAY_PAGE_RECORDS = 256

const page = <T extends z.ZodType>(record: T) =>
  z.strictObject({ records: z.array(record).max(RELAY_PAGE_RECORDS), more: z.boolean() })

export const relayHead = z.strictObject({ head: ledgerHead })
export const relayNodes = page(nodeRecord)
export const relayClient = z.strictObject({ client: z.union([clientRecord, z.null()]) })
export const relayFormerSigners = z.strictObject({
  formerSigners: z.array(address).max(MAX_FORMER_SIGNERS),
})
export const relayReceipts = page(receipt)
export const relayObjectEvents = page(objectEvent)
export const relayCreditEvents = page(creditEvent)
/** The node has the message durably and will put it on the ledger, again after an outage. `id` is a new client's id. */
export const relayAccepted = z.strictObject({ accepted: z.literal(true), id: ledgerId.optional() })
