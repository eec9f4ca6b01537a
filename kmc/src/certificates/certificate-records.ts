import * as z from 'zod'
import { decodeRecord, decodeSecretRecord, type RowReader } from '../keys/records.ts'
import { KmcError } from '../kmc-error.ts'
import type { IssuedRole } from './certificate-roles.ts'

/** Everything of the authority stands under this place. */
export const CERTIFICATE_PLACES = 'certificate/'
export const AUTHORITY_PLACE = `${CERTIFICATE_PLACES}authority`
/** Its certificate alone, for what needs no key. */
export const AUTHORITY_CERTIFICATE_PLACE = `${CERTIFICATE_PLACES}authority-certificate`
export const REVOCATIONS_PLACE = `${CERTIFICATE_PLACES}revocations`
export const CRL_PLACE = `${CERTIFICATE_PLACES}crl`
export const ISSUED_PLACES = `${CERTIFICATE_PLACES}issued/`
export const issuedPlace = (serial: string) => ISSUED_PLACES + serial

/** Why a certificate was revoked: RFC 5280 section 5.3.1, as far as it applies. */
export const REVOCATION_REASONS = [
  'unspecified',
  'key-compromise',
  'affiliation-changed',
  'superseded',
  'cessation-of-operation',
  'privilege-withdrawn',
] as const
export const revocationReasonSchema = z.enum(REVOCATION_REASONS)
export type RevocationReason = z.infer<typeof revocationReasonSchema>

export const serialSchema = z.string().regex(/^[0-9a-f]{32}$/)
const bytes = z.instanceof<typeof Uint8Array<ArrayBufferLike>>(Uint8Array)

const authoritySchema = z.strictObject({
  certificate: bytes,
  /** PKCS #8. */
  privateKey: bytes,
})

const issuedRoleSchema: z.ZodType<IssuedRole> = z.enum([
  'administrator',
  'custodian',
  'auditor',
  'application',
  'node',
  'agent',
  'gateway',
  'server',
  'timestamp',
])

const issuedSchema = z.strictObject({
  serial: serialSchema,
  role: issuedRoleSchema,
  name: z.string(),
  hosts: z.array(z.string()),
  days: z.int(),
  notBeforeMs: z.int(),
  notAfterMs: z.int(),
  /** DER. */
  certificate: bytes,
  /** Serial of the first of those that were renewed one by another; its own for one that was issued. */
  family: serialSchema,
  revoked: z.strictObject({ atMs: z.int(), reason: revocationReasonSchema }).nullable(),
})

const revocationsSchema = z.array(
  z.strictObject({
    serial: serialSchema,
    atMs: z.int(),
    reason: revocationReasonSchema,
    notAfterMs: z.int(),
  }),
)

const crlSchema = z.strictObject({
  number: z.int().min(1),
  /** DER. */
  crl: bytes,
  issuedAtMs: z.int(),
})

export type AuthorityRecord = z.infer<typeof authoritySchema>
/** What the centre knows of a certificate that it issued. */
export type IssuedCertificate = z.infer<typeof issuedSchema>
export type Revocation = z.infer<typeof revocationsSchema>[number]
export type CrlRecord = z.infer<typeof crlSchema>

/** The authority with its private key, for the caller to wipe. @throws KmcError `NOT_FOUND` before there is an authority */
export async function getAuthority(rows: RowReader): Promise<AuthorityRecord> {
  const row = await rows.get(AUTHORITY_PLACE)
  if (row !== null) return decodeSecretRecord(authoritySchema, row)
  throw noAuthority()
}

/** The authority's certificate, DER. No key is read for it. @throws KmcError `NOT_FOUND` before there is an authority */
export async function getAuthorityCertificate(rows: RowReader): Promise<Uint8Array> {
  const certificate = await rows.get(AUTHORITY_CERTIFICATE_PLACE)
  if (certificate !== null) return certificate
  throw noAuthority()
}

function noAuthority(): KmcError {
  return new KmcError(
    'NOT_FOUND',
    'This centre has no certificate authority yet. Its administrator makes one first.',
  )
}

/** The certificate of a serial number, or null. */
export async function getIssued(
  rows: RowReader,
  serial: string,
): Promise<IssuedCertificate | null> {
  if (!serialSchema.safeParse(serial).success) return null
  const row = await rows.get(issuedPlace(serial))
  return row === null ? null : decodeIssued(row)
}

export const decodeIssued = (row: Uint8Array) => decodeRecord(issuedSchema, row)

export async function getRevocations(rows: RowReader): Promise<Revocation[]> {
  const row = await rows.get(REVOCATIONS_PLACE)
  return row === null ? [] : decodeRecord(revocationsSchema, row)
}

export async function getCrl(rows: RowReader): Promise<CrlRecord | null> {
  const row = await rows.get(CRL_PLACE)
  return row === null ? null : decodeRecord(crlSchema, row)
}

export function noSuchCertificate(serial: string): KmcError {
  return new KmcError('NOT_FOUND', `This centre has issued no certificate '${serial}'.`, {
    details: { serial },
  })
}
