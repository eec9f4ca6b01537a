import type { Command } from 'commander'
import { X509Certificate } from 'node:crypto'
import { rename, writeFile } from 'node:fs/promises'
import { CERTIFICATE_ROUTES } from '@orlop/kmc/api/certificate-routes'
import type { Answer } from '@orlop/kmc/api/route'
import { REVOCATION_REASONS } from '@orlop/kmc/certificates/certificate-records'
import { roleSchema } from '@orlop/kmc/certificates/certificate-roles'
import { CentreClient } from '@orlop/kmc/client/centre-client'
import { formatIdentity, readIdentity } from '@orlop/protocol/centre/identity'
import type { Commands } from '../../commands.ts'
import type { CliContext } from '../../context.ts'
import { describe, describeGroup } from '../../define-command.ts'
import { formatTable, formatTime, printResult } from '../../output.ts'
import { parseChoice, parseWhole } from '../../parse-options.ts'
import { addressOf, type CentreFlags, withCentre, withCentreFlags } from './centre-flags.ts'
import { readAll } from './read-all.ts'

interface IssueFlags extends CentreFlags {
  out: string
  host?: string[]
  days?: string
}

interface RevokeFlags extends CentreFlags {
  reason: string
}

const REASONS = Object.fromEntries(REVOCATION_REASONS.map((reason) => [reason, reason])) as Record<
  (typeof REVOCATION_REASONS)[number],
  string
>

/** `kmc cert …`. */
export function addCertificates(kmc: Command, { action, collect }: Commands): void {
  const cert = describeGroup(kmc.command('cert'), {
    summary: 'certificates',
    example: 'orlop kmc cert list',
  })
  const add = (name: string, summary: string, example: string) =>
    withCentreFlags(describe(cert.command(name), { summary, example }))
  add(
    'issue <role> <name>',
    `make a key here and have it certified; role: ${roleSchema.options.join(', ')}`,
    'orlop kmc cert issue application voyage --out voyage.pem',
  )
    .requiredOption('--out <file>', 'where key and certificates are written, for their owner alone')
    .option('--host <name>', 'a name or address it serves at; may be repeated', collect)
    .option('--days <count>', 'how long it is good (default: 90)')
    .action(action(issue))
  describe(cert.command('renew <identity>'), {
    summary: 'have the certificate of an identity renewed with a new key, in its file',
    example: 'orlop kmc cert renew voyage.pem --url https://keys.fleet.example:8443/',
  })
    .option('--url <url>', 'where the centre serves (default: that of this home)')
    .action(action(renew))
  add('revoke <serial>', 'revoke a certificate and its renewals', 'orlop kmc cert revoke 41e7…')
    .option('--reason <reason>', `one of ${REVOCATION_REASONS.join(', ')}`, 'unspecified')
    .action(action(revoke))
  add('list', 'all certificates', 'orlop kmc cert list').action(action(list))
}

async function issue(
  context: CliContext,
  roleName: string,
  name: string,
  flags: IssueFlags,
): Promise<void> {
  const role = parseChoice('the role', roleSchema.enum, roleName)
  const { privateKey, request } = await newRequest()
  const { host: hosts, days } = flags
  const body = {
    ...{ request, role, name },
    ...(hosts === undefined ? {} : { hosts }),
    ...(days === undefined ? {} : { days: parseWhole('--days', days) }),
  }
  const issued = await withCentre(context, flags, (client) =>
    client.ask(CERTIFICATE_ROUTES.issueCertificate, { body }),
  )
  await writeFile(flags.out, formatIdentity({ privateKey, ...issued }), { mode: 0o600, flag: 'wx' })
  tell(context, flags.out, issued)
}

async function renew(context: CliContext, file: string, flags: CentreFlags): Promise<void> {
  const identity = await readIdentity(file)
  const serial = new X509Certificate(identity.certificate).serialNumber.toLowerCase()
  const { privateKey, request } = await newRequest()
  const client = new CentreClient({ url: await addressOf(context, flags), identity })
  try {
    const asked = { params: { serial }, body: { request } }
    const issued = await client.ask(CERTIFICATE_ROUTES.renewCertificate, asked)
    await writeFile(`${file}.new`, formatIdentity({ privateKey, ...issued }), { mode: 0o600 })
    await rename(`${file}.new`, file)
    tell(context, file, issued)
  } finally {
    client.close()
  }
}

async function revoke(context: CliContext, serial: string, flags: RevokeFlags): Promise<void> {
  const reason = parseChoice('--reason', REASONS, flags.reason)
  const result = await withCentre(context, flags, (client) =>
    client.ask(CERTIFICATE_ROUTES.revokeCertificate, { params: { serial }, body: { reason } }),
  )
  printResult(context, result, () =>
    result.revoked.length === 0
      ? 'It was revoked before.'
      : `Revoked: ${result.revoked.join(', ')}`,
  )
}

async function list(context: CliContext, flags: CentreFlags): Promise<void> {
  const all = await withCentre(context, flags, (client) =>
    readAll(
      async (after) =>
        (await client.ask(CERTIFICATE_ROUTES.certificates, { query: { ...after } })).items,
      ({ serial }) => serial,
    ),
  )
  printResult(context, all, () =>
    formatTable(
      ['SERIAL', 'ROLE', 'NAME', 'UNTIL', 'REVOKED'],
      all.map(({ serial, role, name, notAfterMs, revoked }) => [
        ...[serial, role, name, formatTime(notAfterMs)],
        revoked === null ? '' : revoked.reason,
      ]),
    ),
  )
}

/** The library for it is large, and other commands do without. */
async function newRequest() {
  const { newCertificateRequest } = await import('@orlop/kmc/client/certificate-request')
  return newCertificateRequest()
}

function tell(
  context: CliContext,
  file: string,
  { serial, notAfterMs }: Answer<typeof CERTIFICATE_ROUTES.issueCertificate>,
): void {
  const result = { file, serial, notAfterMs }
  printResult(context, result, () => `${file} is good until ${formatTime(notAfterMs)}.`)
}
