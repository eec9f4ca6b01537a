import * as z from 'zod'
import { bytes32, count, ledgerId } from './wire/common.ts'

/** What the ledger says, as values that also travel over the relay. */

export const nodeState = z.enum(['pending', 'admitted', 'draining', 'retired'])
export type NodeState = z.infer<typeof nodeState>
export const clientState = z.enum(['pending', 'admitted', 'suspended'])
export type ClientState = z.infer<typeof clientState>

const text = (max: number) => z.string().max(max)
const address = z.string().regex(/^0x[0-9a-fA-F]{40}$/)

export const nodeRecord = z.strictObject({
  nodeId: ledgerId,
  account: address,
  name: text(64),
  /** libp2p peer id as text. */
  peerId: text(128),
  /** Multiaddrs. */
  addresses: z.array(text(256)).max(8),
  tier: z.enum(['heavy', 'light']),
  region: text(32),
  capacityBytes: count,
  /** As of the last heartbeat. */
  freeBytes: count,
  lastSeenMs: count,
  state: nodeState,
  isMaster: z.boolean(),
  /** Credit scaled by 10⁶, 0–1 000 000. */
  creditMillionths: count.max(1_000_000),
  /** Ratings behind the credit. */
  ratings: count,
})
export type NodeRecord = z.infer<typeof nodeRecord>

export const clientRecord = z.strictObject({
  clientId: ledgerId,
  signer: address,
  recovery: address,
  openingKey: bytes32,
  imoNumber: count,
  name: text(256),
  state: clientState,
  /** 0 = none; else only data at least this important (1 critical … 3 routine). */
  minimumImportance: z.int().min(0).max(3),
  nonce: count,
})
export type ClientRecord = z.infer<typeof clientRecord>

/** Where on the ledger something stands. */
const ledgerPosition = z.strictObject({
  blockNumber: count,
  blockHash: text(66),
  blockTimeMs: count,
  transactionHash: text(66),
  logIndex: count,
})
export type LedgerPosition = z.infer<typeof ledgerPosition>

/** A commit recorded on the ledger: the storage record. */
export const receipt = z.strictObject({
  objectId: bytes32,
  headerHash: bytes32,
  root: bytes32,
  streamBytes: count,
  expiry: count,
  sequence: count,
  clientId: ledgerId,
  nodeId: ledgerId,
  classCode: count,
  index: count,
  k: count,
  m: count,
  level: count,
  flags: count,
  batchId: count,
  position: ledgerPosition,
})
export type Receipt = z.infer<typeof receipt>

/** The proof that a receipt stands in a recorded batch. */
export const citation = z.strictObject({
  batchId: count,
  proof: z.array(bytes32).max(16),
})
export type Citation = z.infer<typeof citation>

/** What changed an object after its receipts. */
export const objectEvent = z.union([
  z.strictObject({
    kind: z.literal('extended'),
    objectId: bytes32,
    clientId: ledgerId,
    index: count,
    expiry: count,
    position: ledgerPosition,
  }),
  z.strictObject({
    kind: z.literal('removed'),
    objectId: bytes32,
    clientId: ledgerId,
    index: count,
    position: ledgerPosition,
  }),
  z.strictObject({
    kind: z.literal('moved'),
    objectId: bytes32,
    clientId: ledgerId,
    index: count,
    fromNodeId: ledgerId,
    fromSequence: count,
    toNodeId: ledgerId,
    toSequence: count,
    position: ledgerPosition,
  }),
  z.strictObject({
    kind: z.literal('envelope'),
    objectId: bytes32,
    clientId: ledgerId,
    version: count,
    envelopeHash: bytes32,
    position: ledgerPosition,
  }),
])
export type ObjectEvent = z.infer<typeof objectEvent>

/** One change of a node's credit, with its cause: a rating that counted, or one that the steward took back (all fields of that rating). */
export const creditEvent = z.strictObject({
  kind: z.enum(['rated', 'annulled']),
  nodeId: ledgerId,
  clientId: ledgerId,
  sequence: count,
  score: z.int().min(1).max(5),
  causeCode: count,
  beforeMillionths: count,
  afterMillionths: count,
  position: ledgerPosition,
})
export type CreditEvent = z.infer<typeof creditEvent>

export const ledgerHead = z.strictObject({
  blockNumber: count,
  blockHash: text(66),
  blockTimeMs: count,
})
export type LedgerHead = z.infer<typeof ledgerHead>
