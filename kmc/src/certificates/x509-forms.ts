import 'reflect-metadata'
import { webcrypto } from 'node:crypto'
import { isIP } from 'node:net'
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  Extension,
  ExtendedKeyUsageExtension,
  type JsonGeneralNames,
  type JsonName,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509CertificateGenerator,
  X509CrlGenerator,
  X509CrlReason,
} from '@peculiar/x509'
import type { Revocation, RevocationReason } from './certificate-records.ts'
import type { CertificateUse, IssuedRole } from './certificate-roles.ts'

const SIGNING = { name: 'ECDSA', hash: 'SHA-256' } as const
/** Given to every call: another library of the same process may set the one for all to something else. */
const PROVIDER = webcrypto
const CRL_NUMBER = '2.5.29.20'

/** RFC 5280 section 4.2.1.12. */
const PURPOSES: Readonly<Record<CertificateUse, string>> = {
  server: '1.3.6.1.5.5.7.3.1',
  client: '1.3.6.1.5.5.7.3.2',
  timestamp: '1.3.6.1.5.5.7.3.8',
}

const REASONS: Readonly<Record<RevocationReason, X509CrlReason>> = {
  unspecified: X509CrlReason.unspecified,
  'key-compromise': X509CrlReason.keyCompromise,
  'affiliation-changed': X509CrlReason.affiliationChanged,
  superseded: X509CrlReason.superseded,
  'cessation-of-operation': X509CrlReason.cessationOfOperation,
  'privilege-withdrawn': X509CrlReason.privilegeWithdrawn,
}

/** Who signs. */
export interface Issuer {
  /** 32 hexadecimal digits. */
  readonly centreId: string
  /** SubjectPublicKeyInfo of the authority, DER. */
  readonly publicKey: Uint8Array
  readonly signingKey: webcrypto.CryptoKey
}

export interface Validity {
  readonly serial: string
  readonly notBeforeMs: number
  readonly notAfterMs: number
}

export interface CertificateContent extends Validity {
  readonly role: IssuedRole
  readonly name: string
  readonly uses: readonly CertificateUse[]
  /** DNS names and IP addresses. */
  readonly hosts: readonly string[]
  /** SubjectPublicKeyInfo, DER. */
  readonly publicKey: Uint8Array
}

/** The authority's own certificate, DER. */
export async function encodeAuthorityCertificate(
  issuer: Issuer,
  validity: Validity,
): Promise<Uint8Array> {
  const name = authorityName(issuer.centreId)
  const publicKey = arrayBufferOf(issuer.publicKey)
  const certificate = await X509CertificateGenerator.create(
    {
      ...validityOf(validity),
      issuer: name,
      subject: name,
      publicKey,
      signingKey: issuer.signingKey,
      signingAlgorithm: SIGNING,
      extensions: [
        // It signs certificates of services and people only, never another authority.
        new BasicConstraintsExtension(true, 0, true),
        new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
        await SubjectKeyIdentifierExtension.create(publicKey, false, PROVIDER),
      ],
    },
    PROVIDER,
  )
  return new Uint8Array(certificate.rawData)
}

/** A certificate by RFC 5280, DER. */
export async function encodeCertificate(
  issuer: Issuer,
  content: CertificateContent,
): Promise<Uint8Array> {
  const { role, name, uses, hosts } = content
  const publicKey = arrayBufferOf(content.publicKey)
  const purposes = uses.map((use) => PURPOSES[use])
  const certificate = await X509CertificateGenerator.create(
    {
      ...validityOf(content),
      issuer: authorityName(issuer.centreId),
      subject: [{ O: [issuer.centreId] }, { OU: [role] }, { CN: [name] }],
      publicKey,
      signingKey: issuer.signingKey,
      signingAlgorithm: SIGNING,
      extensions: [
        new BasicConstraintsExtension(false, undefined, true),
        new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
        // RFC 3161 section 2.3: timestamps and nothing else, critically.
        new ExtendedKeyUsageExtension(purposes, uses.includes('timestamp')),
        await SubjectKeyIdentifierExtension.create(publicKey, false, PROVIDER),
        await AuthorityKeyIdentifierExtension.create(
          arrayBufferOf(issuer.publicKey),
          false,
          PROVIDER,
        ),
        ...(hosts.length === 0
          ? []
          : [new SubjectAlternativeNameExtension(hosts.map(generalName))]),
      ],
    },
    PROVIDER,
  )
  return new Uint8Array(certificate.rawData)
}

export interface CrlContent {
  readonly number: number
  readonly thisUpdateMs: number
  readonly nextUpdateMs: number
  readonly revocations: readonly Revocation[]
}

/** A list of revoked certificates by RFC 5280 section 5, DER. */
export async function encodeCrl(issuer: Issuer, content: CrlContent): Promise<Uint8Array> {
  const { number, thisUpdateMs, nextUpdateMs, revocations } = content
  const crl = await X509CrlGenerator.create(
    {
      issuer: authorityName(issuer.centreId),
      thisUpdate: new Date(thisUpdateMs),
      nextUpdate: new Date(nextUpdateMs),
      signingAlgorithm: SIGNING,
      signingKey: issuer.signingKey,
      entries: revocations.map(({ serial, atMs, reason }) => ({
        serialNumber: serial,
        revocationDate: new Date(atMs),
        // RFC 5280 section 5.3.1: absent rather than unspecified.
        ...(reason === 'unspecified' ? {} : { reason: REASONS[reason] }),
      })),
      extensions: [
        await AuthorityKeyIdentifierExtension.create(
          arrayBufferOf(issuer.publicKey),
          false,
          PROVIDER,
        ),
        new Extension(CRL_NUMBER, false, derInteger(number)),
      ],
    },
    PROVIDER,
  )
  return new Uint8Array(crl.rawData)
}

function authorityName(centreId: string): JsonName {
  return [{ O: [centreId] }, { CN: ['Orlop key management centre'] }]
}

function validityOf({ serial, notBeforeMs, notAfterMs }: Validity) {
  return {
    serialNumber: serial,
    notBefore: new Date(notBeforeMs),
    notAfter: new Date(notAfterMs),
  }
}

function generalName(host: string): JsonGeneralNames[number] {
  return { type: isIP(host) === 0 ? 'dns' : 'ip', value: host }
}

/** DER of a whole number from 0. */
function derInteger(value: number): ArrayBuffer {
  const digits = value.toString(16)
  const bytes = Buffer.from(digits.length % 2 === 0 ? digits : `0${digits}`, 'hex')
  const positive = (bytes[0] ?? 0) < 0x80 ? bytes : Buffer.concat([Buffer.of(0), bytes])
  return arrayBufferOf(Buffer.concat([Buffer.of(0x02, positive.length), positive]))
}

function arrayBufferOf(bytes: Uint8Array): ArrayBuffer {
  return Uint8Array.from(bytes).buffer
}
