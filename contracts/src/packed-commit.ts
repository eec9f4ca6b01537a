import type { RecordItem } from '@orlop/protocol/ledger'
import type { Commit } from '@orlop/protocol/messages/storing'

/** Fields of the word `Terms` from the lowest bit, with their widths (`types/Terms.sol`). */
const TERMS = [
  ['flags', 8],
  ['level', 8],
  ['m', 8],
  ['k', 8],
  ['index', 8],
  ['classCode', 16],
  ['sequence', 64],
  ['expiry', 64],
  ['streamBytes', 64],
] as const

type TermsField = (typeof TERMS)[number][0]
export type Terms = Record<TermsField, bigint>

const NO_WORD = new Uint8Array(32)

/** The numbers of a commit in one word, as `record` takes them. */
export function packTerms(commit: Pick<Commit, TermsField>): bigint {
  let word = 0n
  let shift = 0n
  for (const [field, bits] of TERMS) {
    word |= BigInt(commit[field]) << shift
    shift += BigInt(bits)
  }
  return word
}

/** The numbers in a word, as `ReceiptRecorded` gives them. Those of 64 bits may be beyond what JavaScript counts exactly. */
export function unpackTerms(word: bigint): Terms {
  const terms: Partial<Terms> = {}
  let rest = word
  for (const [field, bits] of TERMS) {
    terms[field] = BigInt.asUintN(bits, rest)
    rest >>= BigInt(bits)
  }
  return terms as Terms
}

/** A signed commit in the seven words of `IReceipts.PackedCommit`. */
export function packCommit({ message, signature }: RecordItem['commit']) {
  return {
    objectId: message.objectId,
    headerHash: message.headerHash,
    root: message.root,
    terms: packTerms(message),
    parties: (BigInt(message.clientId) << 32n) | BigInt(message.nodeId),
    r: signature.subarray(0, 32),
    vs: signature.subarray(32, 64),
  }
}

/** An acknowledgement in the three words of `IReceipts.PackedAck`; zeros for none. */
export function packAck(ack: RecordItem['ack']) {
  if (ack === undefined) return { storedAtMs: 0, r: NO_WORD, vs: NO_WORD }
  const { message, signature } = ack
  return {
    storedAtMs: message.storedAtMs,
    r: signature.subarray(0, 32),
    vs: signature.subarray(32, 64),
  }
}
