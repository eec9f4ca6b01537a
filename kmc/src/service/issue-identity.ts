import { X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'
import { type Certificates, type IssueRequest } from '../certificates/certificates.ts'
import { formatPem } from '../certificates/pem.ts'
import { newCertificateRequest } from '../client/certificate-request.ts'
import { type Identity, readIdentity } from '@orlop/protocol/centre/identity'
import { isOrlopError } from '@orlop/protocol/errors'

/** Makes a key on this machine and has the centre's authority certify it. */
export async function issueIdentity(
  certificates: Certificates,
  actor: string,
  asked: Omit<IssueRequest, 'request'>,
): Promise<Identity> {
  const { privateKey, request } = await newCertificateRequest()
  const { certificate } = await certificates.issue(actor, { ...asked, request })
  const authority = (await certificates.published()).certificate
  return {
    privateKey,
    certificate: formatPem('CERTIFICATE', certificate),
    authority: formatPem('CERTIFICATE', authority),
  }
}

/** What a kept identity must be to be used on. */
export interface UsableOptions {
  /** Ms since epoch at which it must still be good. */
  readonly untilMs: number
  /** The authority's certificate in PEM. */
  readonly authority: string
  /** Names and addresses that it must be good for. */
  readonly hosts?: readonly string[]
}

/** The identity of a file when it can be used on; null when it is missing, damaged, of another authority, or near its end. */
export async function usableIdentity(
  path: string,
  { untilMs, authority, hosts = [] }: UsableOptions,
): Promise<Identity | null> {
  try {
    const identity = await readIdentity(path)
    const certificate = new X509Certificate(identity.certificate)
    const isUsable =
      identity.authority.trim() === authority.trim() &&
      Date.parse(certificate.validTo) > untilMs &&
      hosts.every((host) => isFor(certificate, host))
    return isUsable ? identity : null
  } catch (error) {
    if (isOrlopError(error)) return null
    throw error
  }
}

function isFor(certificate: X509Certificate, host: string): boolean {
  const found = isIP(host) === 0 ? certificate.checkHost(host) : certificate.checkIP(host)
  return found !== undefined
}
