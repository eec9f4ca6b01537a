import { defineMessage, type MessageOf, type Signed } from '../typed-message.ts'

/** The client asks one node, the ingress node, to take an object. */
export const offerType = defineMessage('Offer', 'receipts', {
  objectId: 'bytes32',
  clientId: 'uint32',
  /** The ingress node: an offer means nothing to another node. */
  nodeId: 'uint32',
  requestTimeMs: 'uint64',
  /** Most sealed bytes the client will send. */
  maxBytes: 'uint64',
  k: 'uint8',
  m: 'uint8',
  /** 0 where the policy does not disclose the class. */
  classCode: 'uint16',
  /** Unix seconds until which the object is to be kept. */
  expiry: 'uint64',
  /** Nodes proposed for strips 1, 2, …; strip 0 is the ingress node's. */
  proposedNodeIds: 'uint32[]',
})
export type Offer = MessageOf<typeof offerType.fields>
export type SignedOffer = Signed<Offer>

/** A node keeps room and a receipt number for one strip. */
export const reservationType = defineMessage('Reservation', 'receipts', {
  objectId: 'bytes32',
  index: 'uint8',
  clientId: 'uint32',
  nodeId: 'uint32',
  sequence: 'uint64',
  maxBytes: 'uint64',
  heldUntilMs: 'uint64',
})
export type Reservation = MessageOf<typeof reservationType.fields>
export type SignedReservation = Signed<Reservation>

/** A node says no, why, and when to ask again. It ends the request lease. */
export const refusalType = defineMessage('Refusal', 'receipts', {
  objectId: 'bytes32',
  clientId: 'uint32',
  nodeId: 'uint32',
  requestTimeMs: 'uint64',
  /** See `REFUSAL_REASONS`. */
  reasonCode: 'uint16',
  /** Milliseconds to wait before asking this node again; 0 = no use. */
  retryAfterMs: 'uint64',
  /** The node's clock: a client whose request time was off corrects its offset from it. */
  nodeTimeMs: 'uint64',
})
export type Refusal = MessageOf<typeof refusalType.fields>
export type SignedRefusal = Signed<Refusal>

export const REFUSAL_REASONS = {
  'node-full': 1,
  'too-large': 2,
  'clock-skew': 3,
  'not-admitted': 4,
  'too-many-reservations': 5,
  draining: 6,
  'tier-not-served': 7,
  'below-minimum-importance': 8,
  'offer-invalid': 9,
  'already-stored': 10,
  busy: 11,
} as const
export type RefusalReason = keyof typeof REFUSAL_REASONS

/** The client's word that one strip at one node is this root. What the ledger records. */
export const commitType = defineMessage('Commit', 'receipts', {
  objectId: 'bytes32',
  headerHash: 'bytes32',
  /** RFC 9162 tree hash of the strip over 4 KiB leaves. */
  root: 'bytes32',
  /** Length of the whole sealed stream (with k = 1, of the strip). */
  streamBytes: 'uint64',
  /** Unix seconds. */
  expiry: 'uint64',
  sequence: 'uint64',
  clientId: 'uint32',
  nodeId: 'uint32',
  classCode: 'uint16',
  index: 'uint8',
  k: 'uint8',
  m: 'uint8',
  level: 'uint8',
  /** Bit 0: the steward may move this strip. */
  flags: 'uint8',
})
export type Commit = MessageOf<typeof commitType.fields>
export type SignedCommit = Signed<Commit>

export const COMMIT_FLAG_MOVABLE = 1

/** The node's word that the strip is durable and its root checked. */
export const ackType = defineMessage('Ack', 'receipts', {
  /** EIP-712 digest of the commit. */
  commitHash: 'bytes32',
  nodeId: 'uint32',
  storedAtMs: 'uint64',
})
export type Ack = MessageOf<typeof ackType.fields>
export type SignedAck = Signed<Ack>
