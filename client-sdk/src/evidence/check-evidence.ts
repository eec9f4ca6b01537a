import type { Deployment } from '@orlop/protocol/deployment'
import { isOrlopError, OrlopError } from '@orlop/protocol/errors'
import type { LedgerCallOptions } from '@orlop/protocol/ledger'
import { encodeHex } from '@orlop/crypto/bytes'
import { sha256 } from '@orlop/crypto/hash'
import { checkHistory } from './check-history.ts'
import { checkDeployment, checkFile, checkHead, checkParties } from './check-frame.ts'
import { checkReceipts } from './check-receipts.ts'
import { decodeEvidence } from './evidence-file.ts'
import type { Evidence } from './evidence-format.ts'
import type { EvidenceLedger } from './evidence-ledger.ts'
import { type Finding, Findings } from './finding.ts'
import { readHistory } from './read-history.ts'

/** What checking needs. */
export interface CheckEvidenceRequest {
  /** The file, byte for byte. */
  readonly bytes: Uint8Array
  /** Opens the ledger of a deployment, reading histories from the deployment's `fromBlock`. */
  readonly openLedger: (deployment: Deployment) => EvidenceLedger
  /** The deployment as the checker knows it, from elsewhere than the file; null leaves open whose contracts the file names. */
  readonly trusted: Deployment | null
}

/** What checking showed. */
export interface EvidenceReport {
  /** Nothing fails. Statements that stay open are no failure: they are in `findings`. */
  readonly isSound: boolean
  /** SHA-256 of the file in hexadecimal, as the PDF beside it says. */
  readonly fileHash: string
  readonly evidence: Evidence
  readonly findings: readonly Finding[]
}

/**
 * Checks an evidence file against its ledger: signatures, batch proofs, bits, blocks, contracts, and that nothing the ledger says of
 * its subject is left out. What does not hold is told in the report, not thrown.
 *
 * @throws OrlopError `MALFORMED_MESSAGE`, `MESSAGE_TOO_LARGE`, `VERSION_UNSUPPORTED` when the file is no evidence that this version
 *   reads; `LEDGER_UNREACHABLE`; `ABORTED`.
 */
export async function checkEvidence(
  request: CheckEvidenceRequest,
  options: LedgerCallOptions = {},
): Promise<EvidenceReport> {
  const { bytes, trusted } = request
  const evidence = decodeEvidence(bytes)
  const findings = new Findings()
  checkFile(evidence, findings)
  // Where only the file says since when the contracts are there, everything is read, or a later block could hide the first receipts.
  const deployment = { ...evidence.deployment, fromBlock: trusted?.fromBlock ?? 0 }
  const ledger = request.openLedger(deployment)
  if (await checkDeployment({ evidence, ledger, trusted }, findings, options)) {
    await checkOnLedger({ evidence, ledger }, findings, options)
  }
  return {
    isSound: findings.all.every(({ result }) => result !== 'fails'),
    fileHash: encodeHex(sha256(bytes)),
    evidence,
    findings: findings.all,
  }
}

async function checkOnLedger(
  { evidence, ledger }: { evidence: Evidence; ledger: EvidenceLedger },
  findings: Findings,
  options: LedgerCallOptions,
): Promise<void> {
  const { subject, head } = evidence
  await checkHead(evidence, ledger, { findings, ...options })
  await checkParties(evidence, ledger, { findings, ...options })
  try {
    const found = await readHistory(ledger, subject, { toBlock: head.blockNumber, ...options })
    await checkReceipts({ evidence, ledger, found }, findings, options)
    checkHistory(evidence, found, findings)
  } catch (error) {
    // More than one file holds: then this file cannot be complete.
    if (!isOrlopError(error, 'LIMIT_EXCEEDED')) throw asCheckError(error)
    findings.check('completeness', 'everything the ledger says is in the file', {
      isTrue: false,
      reason: 'the ledger holds more of this subject than one file takes',
    })
  }
}

/** A ledger that contradicts itself while it is read has no verdict: it must be read again. */
function asCheckError(error: unknown): unknown {
  if (!isOrlopError(error, 'LEDGER_MISMATCH')) return error
  return new OrlopError(
    'LEDGER_UNREACHABLE',
    'The endpoint answers for different ledgers at different times. Give an endpoint of one node of the chain and check again.',
    { cause: error },
  )
}
