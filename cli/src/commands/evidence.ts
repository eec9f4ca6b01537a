import { readFile, stat } from 'node:fs/promises'
import { basename, resolve } from 'node:path'
import { checkEvidence, type EvidenceReport } from '@orlop/client-sdk/evidence/check-evidence'
import { MAX_EVIDENCE_BYTES } from '@orlop/client-sdk/evidence/evidence-format'
import { RpcEvidenceLedger } from '@orlop/client-sdk/evidence/rpc-evidence-ledger'
import { encodeHex } from '@orlop/crypto/bytes'
import { sha256 } from '@orlop/crypto/hash'
import { systemClock } from '@orlop/protocol/clock'
import type { Deployment } from '@orlop/protocol/deployment'
import { isOrlopError, OrlopError } from '@orlop/protocol/errors'
import { formatObjectId } from '@orlop/protocol/ids'
import type { CliContext } from '../context.ts'
import { type CommonFlags, describe, describeGroup } from '../define-command.ts'
import { HomeLayout } from '../devnet/layout.ts'
import { formatFindings } from '../evidence/format-findings.ts'
import { writeWhole } from '../evidence/write-whole.ts'
import { EXIT_FAILED, EXIT_USAGE, reportFailure, ToldError } from '../failure.ts'
import { type Network, readDeploymentFile, readNetworkFile } from '../network-file.ts'
import { withClient } from '../open-client.ts'
import { formatBytes, formatCount, printResult } from '../output.ts'
import { parseTime, parseWhole } from '../parse-options.ts'
import type { Commands } from '../commands.ts'

interface ExportFlags extends CommonFlags {
  from?: string
  to?: string
  ship?: string
  out: string
  pdf?: string
  overwrite?: boolean
}

interface CheckFlags extends CommonFlags {
  rpc?: string
  deployment?: string
}

/** `export`, `evidence check`. */
export function addEvidence({ program, action }: Commands): void {
  describe(program.command('export [objects...]'), {
    summary: 'write what proves that objects are stored: one signed file, and a document to file',
    example:
      'orlop export orlop:abc… --out evidence.json --pdf evidence.pdf\norlop export --from 2022-03-01 --to 2022-04-01 --ship 7 --out march.json',
  })
    .option('--from <time>', 'instead of objects: all with a receipt at or after, as 2022-03-01')
    .option('--to <time>', 'and before (default: now)')
    .option('--ship <clientId>', 'whose (default: your own)')
    .requiredOption('--out <file>', 'the signed evidence, JSON')
    .option('--pdf <file>', 'the same to read and to print')
    .option('--overwrite', 'replace files that are there')
    .action(action(exportFiles))
  const evidence = describeGroup(program.command('evidence'), {
    summary: 'check evidence of storage that somebody exported',
    example: 'orlop evidence check evidence.json',
  })
  describe(evidence.command('check <file>'), {
    summary: 'check an evidence file against the ledger; 0: holds, 1: does not, 2: not to be told',
    example:
      'orlop evidence check evidence.json\norlop evidence check evidence.json --rpc http://127.0.0.1:8545 --deployment deployment.json',
  })
    .option('--rpc <url>', 'JSON-RPC of any node of the chain (default: that of this home)')
    .option('--deployment <file>', 'the contracts as you know them (default: those of this home)')
    .action(action(check))
}

async function exportFiles(
  context: CliContext,
  objectIds: string[],
  flags: ExportFlags,
): Promise<void> {
  const request = {
    ...wanted(objectIds, flags),
    ...(flags.ship === undefined ? {} : { clientId: parseWhole('--ship', flags.ship) }),
  }
  const { bytes, evidence } = await withClient(context, (client) =>
    client.exportEvidence(request, { signal: context.signal }),
  )
  const file = resolve(flags.out)
  const fileHash = encodeHex(sha256(bytes))
  const mayReplace = flags.overwrite === true
  await writeWhole(file, bytes, { mayReplace })
  const pdf = flags.pdf === undefined ? null : resolve(flags.pdf)
  if (pdf !== null) {
    // Loaded here: it is large, and every other command would wait for it.
    const { printEvidence } = await import('../evidence/evidence-pdf.ts')
    const document = await printEvidence({ evidence, bytes, fileHash, fileName: basename(file) })
    await writeWhole(pdf, document, { mayReplace })
  }
  const { receipts, events, ratings } = evidence
  const counts = { receipts: receipts.length, events: events.length, ratings: ratings.length }
  const contents = [
    formatCount(counts.receipts, 'receipt'),
    formatCount(counts.events, 'later change'),
    formatCount(counts.ratings, 'rating'),
  ].join(', ')
  printResult(context, { file, pdf, sha256: fileHash, ...counts }, () =>
    [
      `${file}\n  ${contents}; ${formatBytes(bytes.length)}`,
      `  SHA-256 ${fileHash}`,
      ...(pdf === null ? [] : [pdf]),
      `Check with: orlop evidence check ${flags.out}`,
    ].join('\n'),
  )
}

function wanted(objectIds: readonly string[], { from, to }: ExportFlags) {
  const isPeriod = from !== undefined || to !== undefined
  if (isPeriod === objectIds.length > 0) {
    throw new OrlopError(
      'USAGE',
      'Say what to export: either objects by name, or a period with --from and --to.',
    )
  }
  if (!isPeriod) return { objectIds }
  const fromMs = from === undefined ? 0 : parseTime('--from', from)
  const toMs = to === undefined ? Math.trunc(systemClock.nowMs()) : parseTime('--to', to)
  if (fromMs >= 0 && toMs > fromMs) return { period: { fromMs, toMs } }
  throw new OrlopError('USAGE', 'The period of --from and --to is empty, or before 1970.')
}

async function check(context: CliContext, file: string, flags: CheckFlags): Promise<void> {
  const report = await checkFile(context, file, flags).catch((error: unknown) => {
    const isVerdict = isOrlopError(error, 'MALFORMED_MESSAGE')
    const exitCode = reportFailure(context, error)
    throw new ToldError(isVerdict ? EXIT_FAILED : Math.max(exitCode, EXIT_USAGE))
  })
  const { isSound, fileHash, findings, evidence } = report
  const { head, exported } = evidence
  const subject = describeSubject(evidence)
  printResult(context, { isSound, sha256: fileHash, subject, head, exported, findings }, () =>
    formatFindings(file, report),
  )
  if (!isSound) throw new ToldError(EXIT_FAILED)
}

function describeSubject({ subject }: EvidenceReport['evidence']): object {
  if (subject.kind === 'period') return subject
  return { ...subject, objectIds: subject.objectIds.map(formatObjectId) }
}

async function checkFile(
  context: CliContext,
  file: string,
  flags: CheckFlags,
): Promise<EvidenceReport> {
  const { rpcUrl, trusted } = readSurroundings(context, flags)
  // Looked at before it is read: whatever somebody sends must fit into memory.
  const { size } = await stat(file)
  if (size > MAX_EVIDENCE_BYTES) {
    throw new OrlopError(
      'MESSAGE_TOO_LARGE',
      `${file} has ${formatBytes(size)}; evidence has at most ${formatBytes(MAX_EVIDENCE_BYTES)}. Check that it is the file 'orlop export' wrote.`,
    )
  }
  const bytes = new Uint8Array(await readFile(file))
  const openLedger = (deployment: Deployment) => new RpcEvidenceLedger({ rpcUrl, deployment })
  return checkEvidence({ bytes, openLedger, trusted }, { signal: context.signal })
}

/** Where to ask, and which contracts are known: by option, else by the network that this home belongs to. */
function readSurroundings(
  context: CliContext,
  { rpc, deployment }: CheckFlags,
): { rpcUrl: string; trusted: Deployment | null } {
  const network = networkOf(context)
  const rpcUrl = rpc ?? network?.rpcUrl
  if (rpcUrl === undefined) {
    throw new OrlopError(
      'USAGE',
      'There is no network in this home to check against. Give --rpc URL of any JSON-RPC endpoint of the chain, and --deployment FILE with its contracts.',
    )
  }
  const trusted =
    deployment === undefined ? (network?.deployment ?? null) : readDeploymentFile(deployment)
  return { rpcUrl, trusted }
}

function networkOf({ home }: CliContext): Network | null {
  try {
    return readNetworkFile(new HomeLayout(home).networkFile)
  } catch (error) {
    if (isOrlopError(error, 'CONFIG_INVALID')) return null
    throw error
  }
}
