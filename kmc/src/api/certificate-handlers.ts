import type { Certificates } from '../certificates/certificates.ts'
import type { IssuedCertificate } from '../certificates/certificate-records.ts'
import { formatPem } from '../certificates/pem.ts'
import { KmcError } from '../kmc-error.ts'
import type { CERTIFICATE_ROUTES } from './certificate-routes.ts'
import type { Handlers } from './route.ts'
import { MAX_PAGE_ITEMS } from './values.ts'

/** What answers each route of `CERTIFICATE_ROUTES`. */
export function certificateHandlers(
  certificates: Certificates,
): Handlers<typeof CERTIFICATE_ROUTES> {
  const withAuthority = async ({ serial, notAfterMs, certificate }: IssuedCertificate) => {
    const { certificate: authority } = await certificates.published()
    return {
      ...{ serial, notAfterMs },
      certificate: formatPem('CERTIFICATE', certificate),
      authority: formatPem('CERTIFICATE', authority),
    }
  }
  return {
    certificates: async ({ query: { after, limit = MAX_PAGE_ITEMS } }) => ({
      items: await certificates.list({ limit, ...(after === undefined ? {} : { after }) }),
    }),
    issueCertificate: async ({ peer, body: { hosts = [], days, ...rest } }) => {
      const asked = { ...rest, hosts, ...(days === undefined ? {} : { days }) }
      return withAuthority(await certificates.issue(peer.name, asked))
    },
    renewCertificate: async ({ peer, params: { serial }, body }) => {
      if (peer.role !== 'administrator' && peer.serial !== serial) {
        throw new KmcError(
          'NOT_ALLOWED',
          'Everybody renews the certificate that they ask with; an administrator renews others.',
        )
      }
      return withAuthority(await certificates.renew(peer.name, serial, body.request ?? null))
    },
    revokeCertificate: async ({ peer, params, body }) => ({
      revoked: await certificates.revoke(peer.name, params.serial, body.reason),
    }),
    authority: async () => {
      const { certificate, crl } = await certificates.published()
      return {
        certificate: formatPem('CERTIFICATE', certificate),
        crl: formatPem('X509 CRL', crl),
      }
    },
  }
}
