import type { Command } from 'commander'
import { encodeHex } from '@orlop/crypto/bytes'
import type { CentreClient } from '@orlop/kmc/client/centre-client'
import { CENTRE_ROUTES } from '@orlop/kmc/api/centre-routes'
import { decodeAuditEntry } from '@orlop/kmc/audit/audit-entry'
import { verifyAnchoredAudit } from '@orlop/kmc/audit/verify-anchored-audit'
import type { Commands } from '../../commands.ts'
import type { CliContext } from '../../context.ts'
import { describe, describeGroup } from '../../define-command.ts'
import { formatTable, formatTime, printResult } from '../../output.ts'
import { parseWhole } from '../../parse-options.ts'
import { type AuditFile, readAuditFile, writeAuditFile } from './audit-file.ts'
import { type CentreFlags, ledgerOf, withCentre, withCentreFlags } from './centre-flags.ts'

interface ShowFlags extends CentreFlags {
  last: string
}

interface VerifyFlags extends CentreFlags {
  rpcUrl?: string
  file?: string
}

interface ExportFlags extends CentreFlags {
  out: string
}

/** `kmc audit …`. */
export function addAudit(kmc: Command, { action }: Commands): void {
  const audit = describeGroup(kmc.command('audit'), {
    summary: 'the audit log',
    example: 'orlop kmc audit verify',
  })
  withCentreFlags(
    describe(audit.command('show'), {
      summary: 'the last entries of the audit log',
      example: 'orlop kmc audit show --last 50',
    }),
  )
    .option('--last <count>', 'how many', '20')
    .action(action(show))
  withCentreFlags(
    describe(audit.command('verify'), {
      summary:
        'check the whole audit log, and its anchors on the ledger; names the first bad entry',
      example:
        'orlop kmc audit verify --rpc-url https://rpc.example.org\norlop kmc audit verify --file log.txt --rpc-url https://rpc.example.org',
    }),
  )
    .option(
      '--file <file>',
      'a log that was exported; no centre is asked, and no certificate needed',
    )
    .option('--rpc-url <url>', "ledger with its anchors (default: this home's network)")
    .action(action(verify))
  withCentreFlags(
    describe(audit.command('export'), {
      summary: 'write the whole audit log into a file, for whoever is to check it',
      example: 'orlop kmc audit export --out log.txt --identity auditor.pem',
    }),
  )
    .requiredOption('--out <file>', 'where to')
    .action(action(exportLog))
  withCentreFlags(
    describe(audit.command('anchor'), {
      summary: 'put the end of the audit log on the ledger now',
      example: 'orlop kmc audit anchor',
    }),
  ).action(action(anchor))
}

async function show(context: CliContext, flags: ShowFlags): Promise<void> {
  const last = parseWhole('--last', flags.last)
  const entries = await withCentre(context, flags, async (client) =>
    (await readEntries(client)).slice(-last).map(decodeAuditEntry),
  )
  printResult(context, entries, () =>
    formatTable(
      ['ENTRY', 'TIME', 'BY', 'ACT', 'OF'],
      entries.map(({ number, timeMs, actor, act, details }) => [
        String(number),
        formatTime(timeMs),
        actor,
        act,
        Object.entries(details)
          .map(([name, value]) => `${name}=${value}`)
          .join(' '),
      ]),
    ),
  )
}

async function verify(context: CliContext, flags: VerifyFlags): Promise<void> {
  const rpcUrl = flags.rpcUrl ?? ledgerOf(context)
  const log =
    flags.file === undefined
      ? await withCentre(context, flags, readLog)
      : await readAuditFile(flags.file)
  const { centreId, signer } = log
  const anchors = rpcUrl === null ? null : await anchorsOf(rpcUrl, signer)
  const proven = await verifyAnchoredAudit({ ...log, anchors })
  printResult(context, { ...proven, centreId, signer, rpcUrl }, () => {
    const whose = `the centre ${encodeHex(centreId)}, which signs as 0x${encodeHex(signer)}`
    const good = `All ${proven.goodCount} entries of the audit log of ${whose}, are good.`
    if (rpcUrl === null) return `${good} No ledger was asked: give --rpc-url to check its anchors.`
    return `${good} The ledger has its first ${proven.anchoredCount}.`
  })
}

async function exportLog(context: CliContext, flags: ExportFlags): Promise<void> {
  const log = await withCentre(context, flags, readLog)
  await writeAuditFile(flags.out, log)
  const count = log.entries.length
  printResult(context, { count, file: flags.out }, () => `${flags.out} has all ${count} entries.`)
}

async function readLog(client: CentreClient): Promise<AuditFile> {
  // The head first: what is added meanwhile comes after it.
  const { audit: head, centreId, signer } = await client.ask(CENTRE_ROUTES.status, {})
  return { centreId, signer, head, entries: await readEntries(client) }
}

async function anchor(context: CliContext, flags: CentreFlags): Promise<void> {
  const anchored = await withCentre(context, flags, (client) =>
    client.ask(CENTRE_ROUTES.anchor, {}),
  )
  printResult(context, anchored, () => `The ledger has the first ${anchored.count} entries.`)
}

/** What asks the ledger is large, and other commands do without. */
async function anchorsOf(rpcUrl: string, account: Uint8Array) {
  const { readAnchors } = await import('@orlop/contracts/anchors')
  return readAnchors({ rpcUrl, account })
}

async function readEntries(client: CentreClient): Promise<Uint8Array[]> {
  const all: Uint8Array[] = []
  for (;;) {
    const { entries } = await client.ask(CENTRE_ROUTES.audit, { query: { after: all.length } })
    if (entries.length === 0) return all
    all.push(...entries)
  }
}
