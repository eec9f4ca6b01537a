import 'reflect-metadata'
import { X509Certificate } from 'node:crypto'
import { X509Certificate as X509AuthorityCertificate, X509Crl } from '@peculiar/x509'
import { encodeHex, equalConstantTime } from '@orlop/crypto/bytes'
import type { Centre } from '../centre.ts'
import { getAuthorityCertificate, getIssued } from './certificate-records.ts'
import { parseCertificate, type Peer, readPeer, refused } from './peer.ts'
import { type PublishedAuthority, readPublished } from './published.ts'

/**
 * Whom a peer's certificate is for, when it is good now: of this centre's authority, in its time, not revoked. A sealed centre judges by
 * what it has published, so that its custodians can come.
 *
 * @param der - the certificate whose key the peer has shown to hold, as TLS does.
 * @throws KmcError `CERTIFICATE_REFUSED` with `details.fault`: `malformed`, `foreign`, `not-yet-valid`, `expired`, `revoked` or `unknown`
 *   (never issued, as far as the records go); `NOT_FOUND` before there is an authority.
 */
export async function authenticate(centre: Centre, der: Uint8Array): Promise<Peer> {
  const isUnsealed = centre.seal.status.state === 'unsealed'
  const published = isUnsealed ? null : await readPublished(centre.store)
  const authority = published?.certificate ?? (await getAuthorityCertificate(centre.rows))
  const certificate = parseCertificate(der)
  assertIssued(certificate, new X509Certificate(authority))
  const peer = readPeer(certificate)
  if (peer.centreId !== encodeHex(centre.seal.centreId)) throw refused('foreign', FOREIGN)
  assertInTime(certificate, centre.clock.nowMs())
  if (published === null) await assertOnRecord(centre, peer.serial, der)
  else await assertNotListed(published, peer.serial)
  return peer
}

const FOREIGN = 'is of another authority: of another fleet’s centre, or of none'

function assertIssued(certificate: X509Certificate, authority: X509Certificate): void {
  const isOurs = certificate.checkIssued(authority) && certificate.verify(authority.publicKey)
  if (!isOurs) throw refused('foreign', FOREIGN)
}

function assertInTime({ validFrom, validTo }: X509Certificate, nowMs: number): void {
  if (nowMs < Date.parse(validFrom)) {
    throw refused('not-yet-valid', `is valid from ${validFrom} only; compare the clocks`)
  }
  if (nowMs > Date.parse(validTo)) throw refused('expired', `expired on ${validTo}`)
}

async function assertOnRecord({ rows }: Centre, serial: string, der: Uint8Array): Promise<void> {
  const issued = await getIssued(rows, serial)
  if (issued === null || !equalConstantTime(issued.certificate, der)) {
    throw refused('unknown', 'is not in this centre’s records, as after a restored backup')
  }
  if (issued.revoked !== null) throw refused('revoked', `was revoked (${issued.revoked.reason})`)
}

async function assertNotListed({ certificate, crl }: PublishedAuthority, serial: string) {
  const list = new X509Crl(Uint8Array.from(crl))
  const authority = new X509AuthorityCertificate(Uint8Array.from(certificate))
  const isSigned = await list.verify({ publicKey: authority })
  if (!isSigned) throw refused('unknown', 'cannot be judged: the list of revoked ones was changed')
  if (list.findRevoked(serial) !== null) throw refused('revoked', 'was revoked')
}
