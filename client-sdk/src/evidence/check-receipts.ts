import { compareBytes } from '@orlop/crypto/bytes'
import { verifyBatchProof } from '@orlop/contracts/batch-tree'
import { formatObjectId } from '@orlop/protocol/ids'
import type { LedgerCallOptions } from '@orlop/protocol/ledger'
import { ackType, commitType } from '@orlop/protocol/messages/storing'
import { digestOf, signerOf } from '@orlop/protocol/typed-message'
import { otherBlock } from './check-frame.ts'
import type { Evidence, EvidenceReceipt } from './evidence-format.ts'
import type { EvidenceLedger } from './evidence-ledger.ts'
import type { Findings } from './finding.ts'
import { type History, receiptKey } from './read-history.ts'
import { signerOrNull } from './signed-words.ts'

interface Subject {
  readonly evidence: Evidence
  readonly ledger: EvidenceLedger
  readonly found: History
}

/** Receipts of one file stand in few blocks and batches: each is asked for once. */
class Answers {
  readonly #ledger: EvidenceLedger
  readonly #options: LedgerCallOptions
  readonly #blocks = new Map<number, ReturnType<EvidenceLedger['block']>>()
  readonly #roots = new Map<number, ReturnType<EvidenceLedger['batchRoot']>>()

  constructor(ledger: EvidenceLedger, options: LedgerCallOptions) {
    this.#ledger = ledger
    this.#options = options
  }

  block(blockNumber: number): ReturnType<EvidenceLedger['block']> {
    const known = this.#blocks.get(blockNumber) ?? this.#ledger.block(blockNumber, this.#options)
    this.#blocks.set(blockNumber, known)
    return known
  }

  batchRoot(batchId: number): ReturnType<EvidenceLedger['batchRoot']> {
    const known = this.#roots.get(batchId) ?? this.#ledger.batchRoot(batchId, this.#options)
    this.#roots.set(batchId, known)
    return known
  }
}

/** Every receipt by itself: its proof, its batch, its bit, its block, and who signed. */
export async function checkReceipts(
  { evidence, ledger, found }: Subject,
  findings: Findings,
  options: LedgerCallOptions,
): Promise<void> {
  const answers = new Answers(ledger, options)
  const moved = new Set(
    found.events
      .filter((event) => event.kind === 'moved')
      .map(({ toNodeId, toSequence }) => receiptKey({ nodeId: toNodeId, sequence: toSequence })),
  )
  for (const receipt of evidence.receipts) {
    const { commit, batch, position } = receipt
    const { nodeId, sequence } = commit
    const name = nameOf(receipt)
    const leaf = digestOf(commitType, evidence.deployment, commit)
    findings.check(name, 'batch proof', {
      isTrue: verifyBatchProof(leaf, batch.proof, batch.root),
      reason: 'the proof does not lead from this commit to the root in the file',
    })
    const root = await answers.batchRoot(batch.batchId)
    findings.check(name, `batch ${batch.batchId}`, {
      isTrue: root !== null && compareBytes(root, batch.root) === 0,
      reason:
        root === null
          ? `the ledger has no batch ${batch.batchId} (any more)`
          : `batch ${batch.batchId} has another root on the ledger`,
    })
    findings.check(name, 'bit set', {
      isTrue: await ledger.isRecorded(nodeId, sequence, options),
      reason: `the ledger has no receipt ${sequence} of node ${nodeId} (any more)`,
    })
    const block = await answers.block(position.blockNumber)
    findings.check(name, `block ${position.blockNumber}`, {
      isTrue:
        block?.blockHash.toLowerCase() === position.blockHash &&
        block.blockTimeMs === position.blockTimeMs,
      reason: otherBlock(position, block),
    })
    checkSignatures({ evidence, receipt, leaf, isMoved: moved.has(receiptKey(commit)) }, findings)
  }
}

/** How people find a receipt again. */
export function nameOf({ commit }: Pick<EvidenceReceipt, 'commit'>): string {
  const { objectId, index, nodeId, sequence } = commit
  return `${formatObjectId(objectId)} strip ${index} at node ${nodeId} no. ${sequence}`
}

interface SignedReceipt {
  readonly evidence: Evidence
  readonly receipt: EvidenceReceipt
  /** Digest of its commit. */
  readonly leaf: Uint8Array
  readonly isMoved: boolean
}

function checkSignatures(subject: SignedReceipt, findings: Findings): void {
  const { evidence, receipt, isMoved } = subject
  const { commit, commitSignature } = receipt
  const { deployment, clients } = evidence
  const name = nameOf(receipt)
  if (commitSignature !== null) {
    const signed = { message: commit, signature: commitSignature }
    const signer = signerOrNull(() => signerOf(commitType, deployment, signed))
    const client = clients.find(({ clientId }) => clientId === commit.clientId)
    findings.check(name, 'client’s signature', {
      isTrue: signer !== null && client?.signers.includes(signer) === true,
      reason: `client ${commit.clientId} did not sign this commit`,
    })
  } else if (!isMoved) {
    // No statement of a move: its receipt is the contract's own, and the event of the move is checked with the others.
    findings.open(
      name,
      'client’s signature',
      'not in the file; the contract checked it before it took the receipt',
    )
  }
  checkAck(subject, findings)
}

function checkAck({ evidence, receipt, leaf, isMoved }: SignedReceipt, findings: Findings): void {
  const { ack, commit } = receipt
  const { nodeId } = commit
  const name = nameOf(receipt)
  if (ack !== null) {
    const message = { commitHash: leaf, nodeId, storedAtMs: ack.storedAtMs }
    const signed = { message, signature: ack.signature }
    const signer = signerOrNull(() => signerOf(ackType, evidence.deployment, signed))
    const node = evidence.nodes.find((one) => one.nodeId === nodeId)
    findings.check(name, 'node’s acknowledgement', {
      isTrue: signer !== null && signer === node?.account,
      reason: `node ${nodeId} did not sign this acknowledgement`,
    })
  } else if (!isMoved) {
    findings.open(
      name,
      'node’s acknowledgement',
      'not in the file; the node recorded the receipt itself, or the contract checked it',
    )
  }
}
