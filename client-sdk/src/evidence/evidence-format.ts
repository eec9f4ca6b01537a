import { decodeHex, encodeHex } from '@orlop/crypto/bytes'
import { formatAddress } from '@orlop/crypto/sign'
import { formatObjectId, parseObjectId } from '@orlop/protocol/ids'
import type { LedgerPosition } from '@orlop/protocol/ledger-records'
import { bytes } from '@orlop/protocol/typed-message'
import { count, ledgerId } from '@orlop/protocol/wire/common'
import * as z from 'zod'

/** The form of an evidence file; `docs/evidence.md` says the same in words. Texts of the file on one side, typed values on the other. */

export const EVIDENCE_FORMAT = 'orlop-evidence'
export const EVIDENCE_VERSION = 1
/** Most receipts in one file, and most bytes of one: a longer period is exported in parts. */
export const MAX_EVIDENCE_RECEIPTS = 20_000
export const MAX_EVIDENCE_BYTES = 64 * 1024 * 1024
/** Most objects that one export names. */
export const MAX_EVIDENCE_OBJECTS = 1_000
/** A batch of 500 has proofs of nine. */
const MAX_PROOF_HASHES = 16

const uint = (bits: number) =>
  z
    .int()
    .min(0)
    .max(2 ** bits - 1)

function hexBytes(lengthBytes: number) {
  const text = z.string().regex(new RegExp(`^0x[0-9a-f]{${2 * lengthBytes}}$`))
  return z.codec(text, bytes(lengthBytes), {
    decode: (hex) => decodeHex(hex.slice(2)),
    encode: (value) => `0x${encodeHex(value)}`,
  })
}

const hash = hexBytes(32)
const signature = hexBytes(64)
const hashText = z.string().regex(/^0x[0-9a-f]{64}$/)
const objectId = z.codec(z.string().regex(/^orlop:[a-z2-7]{52}$/), bytes(32), {
  decode: parseObjectId,
  encode: formatObjectId,
})
/** EIP-55: the letters' case is a checksum. */
const address = z
  .string()
  .regex(/^0x[0-9a-fA-F]{40}$/)
  .refine((text) => checksummed(text) === text, 'expected the letter case of EIP-55')

const position = z.strictObject({
  blockNumber: count,
  blockHash: hashText,
  blockTimeMs: count,
  transactionHash: hashText,
  logIndex: count,
})

const commit = z.strictObject({
  objectId,
  headerHash: hash,
  root: hash,
  streamBytes: count,
  expiry: count,
  sequence: count,
  clientId: ledgerId,
  nodeId: ledgerId,
  classCode: uint(16),
  index: uint(8),
  k: uint(8),
  m: uint(8),
  level: uint(8),
  flags: uint(8),
})

const evidenceReceipt = z.strictObject({
  commit,
  /** Null where the exporter did not have it, and for receipts that a move made: no client signs those. */
  commitSignature: signature.nullable(),
  /** Null where the exporter did not have it. */
  ack: z.strictObject({ storedAtMs: count, signature }).nullable(),
  batch: z.strictObject({
    batchId: count.min(1),
    root: hash,
    proof: z.array(hash).max(MAX_PROOF_HASHES),
  }),
  position,
})
/** One receipt with everything that proves it. */
export type EvidenceReceipt = z.output<typeof evidenceReceipt>

const object = { objectId, clientId: ledgerId }
export const evidenceEvent = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('extended'),
    ...object,
    index: uint(8),
    expiry: count,
    position,
  }),
  z.strictObject({ kind: z.literal('removed'), ...object, index: uint(8), position }),
  z.strictObject({
    kind: z.literal('moved'),
    ...object,
    index: uint(8),
    fromNodeId: ledgerId,
    fromSequence: count,
    toNodeId: ledgerId,
    toSequence: count,
    position,
  }),
  z.strictObject({
    kind: z.literal('envelope'),
    ...object,
    version: count,
    envelopeHash: hash,
    position,
  }),
])

export const evidenceRating = z.strictObject({
  kind: z.enum(['rated', 'annulled']),
  nodeId: ledgerId,
  clientId: ledgerId,
  sequence: count,
  score: z.int().min(1).max(5),
  causeCode: uint(16),
  beforeMillionths: count.max(1_000_000),
  afterMillionths: count.max(1_000_000),
  position,
})

/** Which evidence: of some objects of one client, or of all its objects with a receipt in a period (`toMs` exclusive). */
export const evidenceSubject = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('objects'),
    clientId: ledgerId,
    objectIds: z.array(objectId).min(1).max(MAX_EVIDENCE_OBJECTS),
  }),
  z.strictObject({ kind: z.literal('period'), clientId: ledgerId, fromMs: count, toMs: count }),
])
export type EvidenceSubject = z.output<typeof evidenceSubject>

const evidenceClient = z.strictObject({
  clientId: ledgerId,
  name: z.string().max(256),
  imoNumber: uint(32),
  /** Every address it signed with up to the head, the oldest first. */
  signers: z.array(address).min(1).max(1_000),
})
export type EvidenceClient = z.output<typeof evidenceClient>

const evidenceNode = z.strictObject({
  nodeId: ledgerId,
  name: z.string().max(64),
  account: address,
})
export type EvidenceNode = z.output<typeof evidenceNode>

const contentFields = {
  format: z.literal(EVIDENCE_FORMAT),
  version: z.literal(EVIDENCE_VERSION),
  deployment: z.strictObject({
    chainId: z.int().positive(),
    registry: address,
    receipts: address,
    credit: address,
    fromBlock: count,
  }),
  subject: evidenceSubject,
  /** The newest block that was looked at: the evidence is complete up to it. */
  head: z.strictObject({ blockNumber: count, blockHash: hashText, blockTimeMs: count }),
  exported: z.strictObject({
    atMs: count,
    clientId: ledgerId,
    signer: address,
    software: z.string().max(64),
  }),
  clients: z.array(evidenceClient).max(2),
  nodes: z.array(evidenceNode).max(MAX_EVIDENCE_RECEIPTS),
  receipts: z.array(evidenceReceipt).min(1).max(MAX_EVIDENCE_RECEIPTS),
  events: z.array(evidenceEvent).max(MAX_EVIDENCE_RECEIPTS),
  ratings: z.array(evidenceRating).max(MAX_EVIDENCE_RECEIPTS),
}

/** What is signed: a whole file without its signature, which is left away. */
export const evidenceContent = z.object(contentFields)
export type EvidenceContent = z.output<typeof evidenceContent>

/** A whole file. */
export const evidence = z.strictObject({ ...contentFields, signature })
export type Evidence = z.output<typeof evidence>

/** An address in the letter case of EIP-55. */
export function checksummed(text: string): string {
  return formatAddress(decodeHex(text.slice(2).toLowerCase()))
}

/** A place on the ledger as the file writes it. */
export function positionOf(found: LedgerPosition): LedgerPosition {
  return {
    ...found,
    blockHash: found.blockHash.toLowerCase(),
    transactionHash: found.transactionHash.toLowerCase(),
  }
}

/** A record of the ledger as the file writes it. */
export function placed<T extends { position: LedgerPosition }>(record: T): T {
  return { ...record, position: positionOf(record.position) }
}
