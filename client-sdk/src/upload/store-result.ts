import {
  nameOfCode,
  DATA_CLASSES,
  IMPORTANCES,
  type DataClass,
  type Importance,
} from '@orlop/protocol/data-classes'
import { encodeHex } from '@orlop/crypto/bytes'
import { formatObjectId } from '@orlop/protocol/ids'
import type { SignedAck, SignedCommit } from '@orlop/protocol/messages/storing'
import type { ClientContext } from '../context.ts'
import type { CatalogueEntry } from '../home/catalogue.ts'
import type { UploadRecord } from './upload-record.ts'

/** One strip of a stored object, with the proofs. */
export interface StoredStrip {
  readonly index: number
  readonly nodeId: number
  readonly nodeName: string
  readonly sequence: number
  /** Hexadecimal. */
  readonly root: string
  readonly commit: SignedCommit | null
  readonly ack: SignedAck | null
  /** Hash of the ledger transaction with the receipt; null before it is recorded. */
  readonly txHash: string | null
}

/** What `store` gives back, and `put --json` prints. */
export interface StoreResult {
  /** As people write it: `orlop:` and 52 letters. */
  readonly objectId: string
  readonly name: string
  readonly class: DataClass
  readonly importance: Importance
  readonly level: number
  readonly suite: string
  /** For people: the transformations in their order. */
  readonly cipherPath: string
  /** Who sealed it, for people: `software`, or the card by name, driver and serial number with what it did. */
  readonly sealedBy: string
  readonly plainBytes: number
  readonly sealedBytes: number
  /** Bytes on the wire for this object, both directions, handshakes and repetitions included. */
  readonly wireBytes: { readonly sentBytes: number; readonly receivedBytes: number }
  readonly ingress: { readonly nodeId: number; readonly name: string }
  readonly strips: readonly StoredStrip[]
  readonly state: CatalogueEntry['state']
  /** What decided how it was treated and where it went, for people. */
  readonly decision: {
    readonly rule: string
    readonly evidence: readonly string[]
    readonly placement: string
  }
}

/** What a result tells of the upload itself. */
export interface UploadFacts {
  readonly wire: UploadRecord['wire']
  readonly ingressNodeId: number
  /** As in {@link StoreResult}; left out for software of a client without a card. */
  readonly sealedBy?: string | undefined
  readonly decision: { rule: string; evidence: string[]; placement: string }
}

/** What outlives the record of an upload. */
export function uploadFactsOf({ wire, placement, treatment, sealed }: UploadRecord): UploadFacts {
  const { rule, evidence } = treatment
  return {
    wire,
    ingressNodeId: placement?.ingressNodeId ?? 0,
    ...(sealed?.sealedBy === undefined ? {} : { sealedBy: sealed.sealedBy }),
    decision: { rule, evidence, placement: placement?.evidence ?? '' },
  }
}

/** Puts together what `store` gives back. */
export async function storeResultOf(
  context: ClientContext,
  { wire, ingressNodeId, sealedBy = 'software', decision }: UploadFacts,
  entry: CatalogueEntry,
): Promise<StoreResult> {
  const nodes = await context.directory.known()
  const nameOf = (nodeId: number) =>
    nodes.find((node) => node.nodeId === nodeId)?.name ?? `node ${nodeId}`
  return {
    objectId: formatObjectId(entry.objectId),
    name: entry.name,
    class: nameOfCode(DATA_CLASSES, entry.classCode),
    importance: nameOfCode(IMPORTANCES, entry.importance),
    level: entry.level,
    suite: entry.suite,
    cipherPath: entry.cipherPath,
    sealedBy,
    plainBytes: entry.plainBytes,
    sealedBytes: entry.sealedBytes,
    wireBytes: wire,
    ingress: { nodeId: ingressNodeId, name: nameOf(ingressNodeId) },
    strips: entry.strips.map((strip) => ({
      index: strip.index,
      nodeId: strip.nodeId,
      nodeName: nameOf(strip.nodeId),
      sequence: strip.sequence,
      root: encodeHex(strip.root),
      commit: strip.commit ?? null,
      ack: strip.ack ?? null,
      txHash: strip.transactionHash ?? null,
    })),
    state: entry.state,
    decision,
  }
}
