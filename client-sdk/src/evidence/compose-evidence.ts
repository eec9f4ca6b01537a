import { commitOf } from '@orlop/contracts/receipt-commit'
import { ethereumAddress, formatAddress, publicKey } from '@orlop/crypto/sign'
import type { Deployment } from '@orlop/protocol/deployment'
import { OrlopError } from '@orlop/protocol/errors'
import { formatObjectId } from '@orlop/protocol/ids'
import type { LedgerCallOptions, LedgerReader } from '@orlop/protocol/ledger'
import type { Receipt } from '@orlop/protocol/ledger-records'
import { signMessage } from '@orlop/protocol/typed-message'
import { SOFTWARE } from '../software.ts'
import { BatchProver } from './batch-prover.ts'
import { contentHashOf, encodeEvidence } from './evidence-file.ts'
import {
  checksummed,
  type Evidence,
  EVIDENCE_FORMAT,
  EVIDENCE_VERSION,
  type EvidenceContent,
  type EvidenceReceipt,
  type EvidenceSubject,
  placed,
  positionOf,
} from './evidence-format.ts'
import { evidenceType } from './evidence-message.ts'
import { clientsOf, nodesOf, type Parties } from './parties.ts'
import { type History, readHistory } from './read-history.ts'
import type { SignedWords } from './signed-words.ts'

/** Finds what client and node signed for a receipt. */
export interface WordsSource {
  of(receipt: Receipt, options: LedgerCallOptions): Promise<SignedWords>
}

/** What evidence is made from. */
export interface EvidenceSource {
  readonly ledger: LedgerReader
  /** Who exports, and the ledger key that it signs with; read, not kept. */
  readonly exporter: { readonly clientId: number; readonly secretKey: Uint8Array }
  /** The time of the export, wall milliseconds. */
  readonly nowMs: number
  readonly wordsOf: (parties: Parties) => WordsSource
}

/** An evidence file and what is in it. */
export interface ComposedEvidence {
  readonly evidence: Evidence
  /** The file, in its canonical form. */
  readonly bytes: Uint8Array
}

/**
 * Gathers evidence of a subject from the ledger, and signs it.
 *
 * @throws OrlopError `OBJECT_NOT_FOUND`, `LIMIT_EXCEEDED`, `USAGE` for a client that the ledger does not name, `LEDGER_UNREACHABLE`.
 */
export async function composeEvidence(
  source: EvidenceSource,
  subject: EvidenceSubject,
  options: LedgerCallOptions = {},
): Promise<ComposedEvidence> {
  const { ledger, exporter, nowMs } = source
  const head = await ledger.head(options)
  const clients = await clientsOf(ledger, [subject.clientId, exporter.clientId], options)
  const history = await readHistory(ledger, subject, { toBlock: head.blockNumber, ...options })
  assertFound(subject, history)
  const parties = { clients, nodes: await nodesOf(ledger, history.receipts, options) }
  const content: EvidenceContent = {
    format: EVIDENCE_FORMAT,
    version: EVIDENCE_VERSION,
    deployment: deploymentOf(ledger.deployment),
    subject,
    head: { ...head, blockHash: head.blockHash.toLowerCase() },
    exported: {
      atMs: Math.trunc(nowMs),
      clientId: exporter.clientId,
      signer: formatAddress(ethereumAddress(publicKey(exporter.secretKey))),
      software: SOFTWARE,
    },
    ...parties,
    receipts: await proveAll(ledger, { history, words: source.wordsOf(parties) }, options),
    events: history.events.map(placed),
    ratings: history.ratings.map(placed),
  }
  return sign(ledger.deployment, content, exporter.secretKey)
}

function assertFound(subject: EvidenceSubject, { receipts }: History): void {
  const found = new Set(receipts.map(({ objectId }) => formatObjectId(objectId)))
  const wanted = subject.kind === 'objects' ? subject.objectIds.map(formatObjectId) : []
  const missing = wanted.find((name) => !found.has(name))
  if (missing === undefined && found.size > 0) return
  const what = missing ?? 'anything stored in this period'
  throw new OrlopError(
    'OBJECT_NOT_FOUND',
    `The ledger has no receipt of client ${subject.clientId} for ${what}. Check name, period and ship (--ship); what was stored a moment ago appears when its receipts are recorded.`,
  )
}

async function proveAll(
  ledger: LedgerReader,
  { history, words }: { readonly history: History; readonly words: WordsSource },
  options: LedgerCallOptions,
): Promise<EvidenceReceipt[]> {
  const prover = new BatchProver(ledger)
  const proved: EvidenceReceipt[] = []
  for (const receipt of history.receipts) {
    const batch = await prover.prove(receipt, options)
    const signed = await words.of(receipt, options)
    const position = positionOf(receipt.position)
    proved.push({ commit: commitOf(receipt), ...signed, batch, position })
  }
  return proved
}

function deploymentOf(deployment: Deployment): EvidenceContent['deployment'] {
  const { chainId, registry, receipts, credit, fromBlock } = deployment
  return {
    chainId,
    registry: checksummed(registry),
    receipts: checksummed(receipts),
    credit: checksummed(credit),
    fromBlock,
  }
}

function sign(
  deployment: Deployment,
  content: EvidenceContent,
  secretKey: Uint8Array,
): ComposedEvidence {
  const { clientId, atMs: exportedAtMs } = content.exported
  const message = { contentHash: contentHashOf(content), clientId, exportedAtMs }
  const { signature } = signMessage(evidenceType, deployment, message, secretKey)
  const evidence: Evidence = { ...content, signature }
  return { evidence, bytes: encodeEvidence(evidence) }
}
