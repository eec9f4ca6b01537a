import type { Deployment } from '@orlop/protocol/deployment'
import { isOrlopError } from '@orlop/protocol/errors'
import { formatObjectId } from '@orlop/protocol/ids'
import type { LedgerCallOptions } from '@orlop/protocol/ledger'
import { signerOf } from '@orlop/protocol/typed-message'
import { contentHashOf } from './evidence-file.ts'
import { checksummed, type Evidence } from './evidence-format.ts'
import type { EvidenceLedger } from './evidence-ledger.ts'
import { evidenceType } from './evidence-message.ts'
import type { Findings } from './finding.ts'
import { signerOrNull } from './signed-words.ts'

interface Checking extends LedgerCallOptions {
  readonly findings: Findings
}

/** The signature over the whole file, by the key that the file names. */
export function checkFile(evidence: Evidence, findings: Findings): void {
  const { exported, signature, deployment } = evidence
  const { clientId, atMs: exportedAtMs, signer } = exported
  const message = { contentHash: contentHashOf(evidence), clientId, exportedAtMs }
  const signed = { message, signature }
  const found = signerOrNull(() => signerOf(evidenceType, deployment, signed))
  findings.check('file', `signed by ${signer} of client ${clientId}`, {
    isTrue: found === signer,
    reason: 'the signature is not over this content: the file was changed after it was signed',
  })
}

/** Chain and contracts. @returns whether the endpoint is of the ledger that the file names, so that more can be asked of it. */
export async function checkDeployment(
  subject: {
    readonly evidence: Evidence
    readonly ledger: EvidenceLedger
    readonly trusted: Deployment | null
  },
  findings: Findings,
  options: LedgerCallOptions,
): Promise<boolean> {
  const { evidence, ledger, trusted } = subject
  const { chainId, registry, receipts, credit, fromBlock } = evidence.deployment
  const contracts = `registry ${registry}, receipts ${receipts}, credit ${credit}, from block ${fromBlock}`
  const isKnown = 'the contracts are those of the known network'
  if (trusted === null) {
    findings.open(
      'ledger',
      isKnown,
      `no deployment was given to compare with: make sure that your network publishes ${contracts}`,
    )
  } else {
    const isSame =
      trusted.chainId === chainId &&
      trusted.fromBlock === fromBlock &&
      checksummed(trusted.registry) === registry &&
      checksummed(trusted.receipts) === receipts &&
      checksummed(trusted.credit) === credit
    findings.check('ledger', isKnown, {
      isTrue: isSame,
      reason: `the file is of chain ${chainId}, ${contracts}; the known network of chain ${trusted.chainId}, registry ${trusted.registry}, receipts ${trusted.receipts}, credit ${trusted.credit}, from block ${trusted.fromBlock}`,
    })
  }
  const isThere = `chain ${chainId} with these contracts answers`
  try {
    await ledger.head(options)
    findings.check('ledger', isThere, { isTrue: true, reason: '' })
    return true
  } catch (error) {
    if (!isOrlopError(error, 'LEDGER_MISMATCH')) throw error
    findings.check('ledger', isThere, { isTrue: false, reason: error.message })
    return false
  }
}

/** The block up to which the file says to be complete. */
export async function checkHead(
  { head, exported }: Evidence,
  ledger: EvidenceLedger,
  { findings, ...options }: Checking,
): Promise<void> {
  const block = await ledger.block(head.blockNumber, options)
  findings.check('ledger', `complete up to block ${head.blockNumber}`, {
    isTrue:
      block?.blockHash.toLowerCase() === head.blockHash && block.blockTimeMs === head.blockTimeMs,
    reason: otherBlock(head, block),
  })
  findings.check('file', 'exported after its newest block was made', {
    // Clocks of ships and of ledgers differ by a little.
    isTrue: exported.atMs >= head.blockTimeMs - MAX_CLOCK_DIFFERENCE_MS,
    reason: `it says ${iso(exported.atMs)}, and its newest block is of ${iso(head.blockTimeMs)}`,
  })
}

const MAX_CLOCK_DIFFERENCE_MS = 10 * 60_000

/** What is wrong with a block that the file names. */
export function otherBlock(
  expected: { readonly blockNumber: number; readonly blockHash: string },
  found: { readonly blockHash: string } | null,
): string {
  const { blockNumber, blockHash } = expected
  if (found === null) return `the ledger has no block ${blockNumber} (any more)`
  if (found.blockHash.toLowerCase() === blockHash) return `block ${blockNumber} has another time`
  return `block ${blockNumber} is ${found.blockHash} on the ledger, ${blockHash} in the file: it was replaced by a reorganisation, or the file is of another ledger`
}

/** Names, ship numbers and keys. */
export async function checkParties(
  evidence: Evidence,
  ledger: EvidenceLedger,
  { findings, ...options }: Checking,
): Promise<void> {
  const { blockNumber } = evidence.head
  for (const { clientId, name, imoNumber, signers } of evidence.clients) {
    const who = `client ${clientId}`
    const record = await ledger.client(clientId, options)
    findings.check(who, `is "${name}"${imoNumber === 0 ? '' : `, IMO ${imoNumber}`}`, {
      isTrue: record?.name.toWellFormed() === name && record.imoNumber === imoNumber,
      reason:
        record === null
          ? 'the ledger names no such client'
          : `the ledger says "${record.name}", IMO ${record.imoNumber}`,
    })
    const then = (await ledger.signersAt(clientId, blockNumber, options)).map(checksummed)
    findings.check(who, `signed with ${signers.join(', ')}`, {
      isTrue: then.join() === signers.join(),
      reason: `the ledger says ${then.join(', ')}`,
    })
  }
  for (const node of evidence.nodes) {
    const who = `node ${node.nodeId}`
    const record = await ledger.node(node.nodeId, options)
    findings.check(who, `has the account ${node.account}`, {
      isTrue: record !== null && checksummed(record.account) === node.account,
      reason:
        record === null ? 'the ledger names no such node' : `the ledger says ${record.account}`,
    })
    const name = await ledger.nodeNameAt(node.nodeId, blockNumber, options)
    findings.check(who, `was called "${node.name}"`, {
      isTrue: name?.toWellFormed() === node.name,
      reason: name === null ? 'the ledger says of no name' : `the ledger says "${name}"`,
    })
  }
  checkNamed(evidence, findings)
  await checkExporter(evidence, ledger, { findings, ...options })
}

/** The lists of parties are those that the rest of the file speaks of, each once. */
function checkNamed(
  { clients, nodes, subject, exported, receipts }: Evidence,
  findings: Findings,
): void {
  const sorted = (ids: Iterable<number>) =>
    [...new Set(ids)].sort((left, right) => left - right).join()
  const clientIds = clients.map(({ clientId }) => clientId).join()
  const nodeIds = nodes.map(({ nodeId }) => nodeId).join()
  findings.check('file', 'names its parties, each once', {
    isTrue:
      clientIds === sorted([subject.clientId, exported.clientId]) &&
      nodeIds === sorted(receipts.map(({ commit }) => commit.nodeId)),
    reason: `clients ${clientIds} and nodes ${nodeIds} are not those of its receipts and signature`,
  })
  if (subject.kind !== 'objects') return
  const proved = new Set(receipts.map(({ commit }) => formatObjectId(commit.objectId)))
  const unproved = subject.objectIds.map(formatObjectId).filter((name) => !proved.has(name))
  findings.check('file', 'has a receipt of every object that it names', {
    isTrue: unproved.length === 0,
    reason: `there is none of ${unproved.join(', ')}`,
  })
}

async function checkExporter(
  { clients, exported }: Evidence,
  ledger: EvidenceLedger,
  { findings, ...options }: Checking,
): Promise<void> {
  const { clientId, signer } = exported
  const keys = clients.find((client) => client.clientId === clientId)?.signers ?? []
  findings.check('file', `${signer} was the key of client ${clientId} at that block`, {
    isTrue: keys.at(-1) === signer,
    reason: 'another key signs for this client',
  })
  const present = await ledger.client(clientId, options)
  if (present === null || checksummed(present.signer) === signer) return
  findings.open(
    'file',
    'the key still signs for the client',
    'the client has replaced it since. Whoever has the old key could have made this file later: ask for a new export if the date matters',
  )
}

function iso(timeMs: number): string {
  return Number.isNaN(new Date(timeMs).getTime()) ? String(timeMs) : new Date(timeMs).toISOString()
}
