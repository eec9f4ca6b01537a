import type { Command } from 'commander'
import type { CentreClient } from '@orlop/kmc/client/centre-client'
import { CENTRE_ROUTES } from '@orlop/kmc/api/centre-routes'
import { decodeAuditEntry } from '@orlop/kmc/audit/audit-entry'
import { verifyAudit } from '@orlop/kmc/audit/verify-audit'
import { KmcError } from '@orlop/kmc/kmc-error'
import type { Commands } from '../../commands.ts'
import type { CliContext } from '../../context.ts'
import { describe } from '../../define-command.ts'
import { formatTable, formatTime, printResult } from '../../output.ts'
import { parseWhole } from '../../parse-options.ts'
import { type CentreFlags, withCentre, withCentreFlags } from './centre-flags.ts'

interface ShowFlags extends CentreFlags {
  last: string
}

/** `kmc audit …`. */
export function addAudit(kmc: Command, { action }: Commands): void {
  const audit = kmc.command('audit').summary('the audit log').description('the audit log')
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
      summary: 'check the whole audit log; names the first bad entry',
      example: 'orlop kmc audit verify',
    }),
  ).action(action(verify))
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

async function verify(context: CliContext, flags: CentreFlags): Promise<void> {
  const verdict = await withCentre(context, flags, async (client) => {
    // The head first: what is added meanwhile comes after it.
    const { audit } = await client.ask(CENTRE_ROUTES.status, {})
    return verifyAudit(await readEntries(client), audit === null ? [] : [audit])
  })
  const { firstBad, goodCount } = verdict
  if (firstBad !== null) {
    throw new KmcError(
      'AUDIT_BAD',
      `Entry ${firstBad.number} of the audit log is bad: ${firstBad.fault}. The ${goodCount} before it are good. Keep a copy of the store for the inquiry.`,
      { details: { ...firstBad, goodCount } },
    )
  }
  printResult(context, verdict, () => `All ${goodCount} entries of the audit log are good.`)
}

async function readEntries(client: CentreClient): Promise<Uint8Array[]> {
  const all: Uint8Array[] = []
  for (;;) {
    const { entries } = await client.ask(CENTRE_ROUTES.audit, { query: { after: all.length } })
    if (entries.length === 0) return all
    all.push(...entries)
  }
}
