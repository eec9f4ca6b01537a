import { X509Certificate } from 'node:crypto'
import { KmcError } from '../kmc-error.ts'
import { type CertificateRole, certificateNameSchema, roleSchema } from './certificate-roles.ts'

/** Whom a certificate of a centre is for. */
export interface Peer {
  readonly role: CertificateRole
  readonly name: string
  /** Lower-case hexadecimal. */
  readonly serial: string
  /** The centre that issued it: 32 hexadecimal digits. */
  readonly centreId: string
  /** Ms since epoch. */
  readonly notAfterMs: number
}

/** Why a certificate is not taken. */
export type CertificateFault =
  'malformed' | 'foreign' | 'not-yet-valid' | 'expired' | 'revoked' | 'unknown'

const SUBJECT = /^O=([0-9a-f]{32})\nOU=([a-z]+)\nCN=([a-z0-9.-]+)$/

/**
 * Reads whom a certificate is for from its subject: `O` the centre, `OU` the role, `CN` the name, and nothing else. Who trusts the
 * centre's authority can trust this: the authority writes the subject itself and takes none from requests. Whether the certificate is
 * good is not looked at here (TLS and `Certificates.authenticate` do).
 *
 * @param certificate - as TLS gives it (`getPeerX509Certificate`), or its DER bytes.
 * @throws KmcError `CERTIFICATE_REFUSED` when it is none of a centre's.
 */
export function readPeer(certificate: X509Certificate | Uint8Array): Peer {
  const read = certificate instanceof X509Certificate ? certificate : parseCertificate(certificate)
  const [, centreId, unit, name] = SUBJECT.exec(read.subject) ?? []
  const role = roleSchema.safeParse(unit)
  if (
    centreId === undefined ||
    !role.success ||
    !certificateNameSchema.safeParse(name).success ||
    name === undefined
  ) {
    throw refused('malformed', 'names no role of a key management centre')
  }
  const serial = read.serialNumber.toLowerCase()
  return { role: role.data, name, serial, centreId, notAfterMs: Date.parse(read.validTo) }
}

/** @throws KmcError `CERTIFICATE_REFUSED` */
export function parseCertificate(der: Uint8Array): X509Certificate {
  try {
    return new X509Certificate(der)
  } catch (cause) {
    throw refused('malformed', 'cannot be read', cause)
  }
}

export function refused(fault: CertificateFault, what: string, cause?: unknown): KmcError {
  return new KmcError(
    'CERTIFICATE_REFUSED',
    `The certificate ${what}. Ask an administrator of this centre for a certificate.`,
    { details: { fault }, cause },
  )
}
