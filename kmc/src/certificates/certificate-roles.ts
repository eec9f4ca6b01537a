import * as z from 'zod'

const DAY_MS = 24 * 60 * 60 * 1000

/** Whom a certificate may be for. It stands in the subject as its organizational unit. */
export const CERTIFICATE_ROLES = [
  'administrator',
  'custodian',
  'auditor',
  'application',
  'node',
  'agent',
  'gateway',
  'server',
] as const

export type CertificateRole = (typeof CERTIFICATE_ROLES)[number]

/** Also what the centre issues to itself alone. */
export type IssuedRole = CertificateRole | 'timestamp'

/** What a certificate's key may do: be a TLS client, a TLS server, sign timestamps. */
export type CertificateUse = 'client' | 'server' | 'timestamp'

interface RoleRules {
  readonly uses: readonly CertificateUse[]
  readonly maxDays: number
}

const SERVICE: RoleRules = { uses: ['client', 'server'], maxDays: 398 }

/** What each role gets. */
export const ROLE_RULES: Readonly<Record<IssuedRole, RoleRules>> = {
  administrator: { uses: ['client'], maxDays: 398 },
  // A centre that stays sealed issues nothing: those who unseal it must not all have expired.
  custodian: { uses: ['client'], maxDays: 1826 },
  auditor: { uses: ['client'], maxDays: 398 },
  application: { uses: ['client'], maxDays: 398 },
  node: SERVICE,
  agent: SERVICE,
  gateway: SERVICE,
  server: { uses: ['server'], maxDays: 398 },
  // Tokens are checked against it for as long as they are kept.
  timestamp: { uses: ['timestamp'], maxDays: 1826 },
}

export const DEFAULT_DAYS = 90
/** Clocks of those who check a new certificate may be so far behind. */
export const BACKDATED_MS = 5 * 60 * 1000

export const roleSchema = z.enum(CERTIFICATE_ROLES)
/** The common name: an application's id, a device's or a person's name. */
export const certificateNameSchema = z.string().regex(/^[a-z0-9][a-z0-9.-]{0,62}$/)

/** A span of days in milliseconds. */
export const daysInMs = (days: number) => days * DAY_MS
