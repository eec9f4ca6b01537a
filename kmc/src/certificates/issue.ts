import { isIP } from 'node:net'
import * as z from 'zod'
import { appendAudit } from '../audit/audit-log.ts'
import type { Centre } from '../centre.ts'
import { putRecord } from '../keys/records.ts'
import { KmcError } from '../kmc-error.ts'
import type { RowDraft } from '../rows/row-draft.ts'
import { openAuthority } from './authority.ts'
import {
  getIssued,
  type IssuedCertificate,
  issuedPlace,
  noSuchCertificate,
} from './certificate-records.ts'
import {
  BACKDATED_MS,
  certificateNameSchema,
  daysInMs,
  type IssuedRole,
  ROLE_RULES,
} from './certificate-roles.ts'
import { goodFamily, MAX_FAMILY, putFamily } from './family.ts'
import { newSerial, wholeSeconds } from './new-serial.ts'
import { encodeCertificate } from './x509-forms.ts'

const MAX_HOSTS = 16
const DNS_NAME =
  /^(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/

/** DNS names and IP addresses, at most 16. */
export const hostsSchema = z
  .array(z.string().refine((host) => isIP(host) !== 0 || DNS_NAME.test(host), 'no host'))
  .max(MAX_HOSTS)

/** What {@link signNew} puts into a certificate. */
export interface NewCertificate {
  readonly role: IssuedRole
  readonly name: string
  readonly hosts: readonly string[]
  readonly days: number
  /** SubjectPublicKeyInfo, DER. */
  readonly publicKey: Uint8Array
  /** Of the one that is renewed; none for the first. */
  readonly family?: string
}

/**
 * Signs a certificate; it counts only when {@link recordIssued} has put it on record.
 *
 * @throws KmcError `NOT_FOUND` without an authority, `NOT_ALLOWED` for what the role cannot have, `CENTRE_SEALED`, `RANDOM_REFUSED`.
 */
export async function signNew(centre: Centre, content: NewCertificate): Promise<IssuedCertificate> {
  const { role, name, days, family } = content
  const hosts = [...content.hosts]
  assertFit(content)
  const { issuer, notAfterMs: endMs } = await openAuthority(centre, centre.rows)
  const nowMs = wholeSeconds(centre.clock.nowMs())
  const validity = {
    serial: await newSerial(centre),
    notBeforeMs: nowMs - BACKDATED_MS,
    notAfterMs: Math.min(nowMs + daysInMs(days), endMs),
  }
  const { uses } = ROLE_RULES[role]
  const certificate = await encodeCertificate(issuer, { ...content, ...validity, uses })
  const of = { role, name, hosts, days, family: family ?? validity.serial }
  return { ...validity, ...of, certificate, revoked: null }
}

/** Puts a new certificate on record, with what the log says of it. */
export async function recordIssued(
  draft: RowDraft,
  issued: IssuedCertificate,
  act: { actor: string; act: string; timeMs: number; predecessor?: string },
): Promise<void> {
  const { serial, role, name, notAfterMs } = issued
  const { predecessor, ...rest } = act
  putRecord(draft, issuedPlace(serial), issued)
  const details = { serial, role, name, notAfterMs }
  await appendAudit(draft, {
    ...rest,
    details: predecessor === undefined ? details : { ...details, predecessor },
  })
}

/**
 * Puts a renewed certificate on record, beside the one that it follows.
 *
 * @throws KmcError `NOT_FOUND`; `NOT_ALLOWED` when that one is not good any more, or too many of its family are
 */
export async function recordRenewal(
  draft: RowDraft,
  issued: IssuedCertificate,
  { actor, serial, timeMs }: { actor: string; serial: string; timeMs: number },
): Promise<void> {
  const before = await getIssued(draft, serial)
  if (before === null) throw noSuchCertificate(serial)
  const { revoked, notAfterMs } = before
  const family = await goodFamily(draft, before, timeMs)
  if (revoked !== null || notAfterMs < timeMs || family.length >= MAX_FAMILY) {
    throw new KmcError(
      'NOT_ALLOWED',
      `The certificate '${serial}' is revoked, has expired, or ${MAX_FAMILY} that were renewed one by another are still good. Ask an administrator for a new one.`,
      { details: { serial } },
    )
  }
  const next = { serial: issued.serial, parent: serial, notAfterMs: issued.notAfterMs }
  putFamily(draft, before, [...family, next])
  const act = { actor, act: 'certificate.renew', timeMs, predecessor: serial }
  await recordIssued(draft, issued, act)
}

function assertFit({ role, name, hosts, days }: NewCertificate): void {
  const { uses, maxDays } = ROLE_RULES[role]
  if (!certificateNameSchema.safeParse(name).success) {
    throw unfit('name: expected 1 to 63 lower-case letters, digits, dots or hyphens')
  }
  if (!Number.isInteger(days) || days < 1 || days > maxDays) {
    throw unfit(`days: expected 1 to ${maxDays} for the role ${role}`)
  }
  if (!hostsSchema.safeParse(hosts).success) {
    throw unfit(`hosts: expected up to ${MAX_HOSTS} names or addresses in lower case`)
  }
  if (hosts.length > 0 && !uses.includes('server')) {
    throw unfit(`hosts: the role ${role} serves nobody, so it has none`)
  }
  if (hosts.length === 0 && role === 'server') {
    throw unfit('hosts: a server is asked for by a name or an address, and at least one is needed')
  }
}

function unfit(what: string): KmcError {
  return new KmcError('NOT_ALLOWED', `No certificate of this kind is issued. ${what}.`)
}
