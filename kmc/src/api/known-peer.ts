import type { IncomingMessage } from 'node:http'
import type { RequestHandler, Response } from 'express'
import type { CertificateRole } from '../certificates/certificate-roles.ts'
import type { Peer } from '../certificates/peer.ts'
import { KmcError } from '../kmc-error.ts'

/** Tells who is at the other end. @throws KmcError `CERTIFICATE_REFUSED` */
export type PeerOf = (request: IncomingMessage) => Peer | Promise<Peer>

/** Lets nobody on who has no good certificate of this centre; everything after it knows who asks. */
export function knownPeer(peerOf: PeerOf): RequestHandler {
  return async (request, response, next) => {
    response.locals['peer'] = await peerOf(request)
    next()
  }
}

/** Who asks. @throws TypeError where {@link knownPeer} did not run before */
export function peerOfResponse({ locals }: Pick<Response, 'locals'>): Peer {
  const peer = locals['peer'] as Peer | undefined
  if (peer === undefined) throw new TypeError('peer: expected to be known before a route answers')
  return peer
}

/** Refuses those whose certificate is for something else. @throws KmcError `NOT_ALLOWED` */
export function onlyFor(roles: readonly CertificateRole[]): RequestHandler {
  return (_request, response, next) => {
    const { role, name } = peerOfResponse(response)
    if (roles.includes(role)) {
      next()
      return
    }
    throw new KmcError(
      'NOT_ALLOWED',
      `The certificate of the ${role} '${name}' is not for this: it takes one for ${roles.join(' or ')}.`,
      { details: { role } },
    )
  }
}
