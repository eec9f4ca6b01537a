import { constants } from 'node:crypto'
import type { IncomingMessage, RequestListener } from 'node:http'
import { createServer } from 'node:https'
import { createServer as createTrialServer, type Server as NetServer } from 'node:net'
import { TLSSocket } from 'node:tls'
import type { Identity } from '@orlop/protocol/centre/identity'
import { hostInUrl, listenAt, type ServingPlace, stopServing } from '@orlop/transport/serving'
import { KmcError } from '../kmc-error.ts'

export interface TlsServerOptions extends ServingPlace {
  readonly identity: Identity
}

export interface RunningTlsServer {
  readonly url: string
  readonly port: number
  /** New connections get the new certificate; those that are open go on. */
  replaceIdentity(identity: Identity): void
  /** Takes no new requests, lets those under way finish for a while, then cuts them. */
  stop(): Promise<void>
}

const HANDSHAKE_TIMEOUT_MS = 10_000
const HEADERS_TIMEOUT_MS = 10_000
/** A test of the random source takes longer than everything else. */
const REQUEST_TIMEOUT_MS = 60_000
const MAX_CONNECTIONS = 512
const MAX_HEADER_BYTES = 16 * 1024

/**
 * Serves over TLS 1.3 and asks everybody for a certificate. Who has none, or not a good one, is let in as far as to be told so: the
 * listener must look at {@link peerCertificate} before all else.
 *
 * @throws KmcError `CONFIG_INVALID` when the port is taken or the host is not of this machine.
 */
export async function startTlsServer(
  listener: RequestListener,
  { identity, ...place }: TlsServerOptions,
): Promise<RunningTlsServer> {
  const server = createServer(
    {
      ...secrets(identity),
      minVersion: 'TLSv1.3',
      requestCert: true,
      rejectUnauthorized: false,
      // Every connection shows its certificate anew.
      secureOptions: constants.SSL_OP_NO_TICKET,
      handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
      headersTimeout: HEADERS_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      maxHeaderSize: MAX_HEADER_BYTES,
    },
    listener,
  )
  server.maxConnections = MAX_CONNECTIONS
  const port = await listen(server, place)
  return {
    url: `https://${hostInUrl(place.host)}:${port}/`,
    port,
    replaceIdentity: (next) => {
      server.setSecureContext(secrets(next))
    },
    stop: () => stopServing(server),
  }
}

/** The DER bytes of the certificate whose key the peer has shown to hold; null when it gave none. */
export function peerCertificate({ socket }: IncomingMessage): Uint8Array | null {
  if (!(socket instanceof TLSSocket)) throw new TypeError('socket: expected one of the TLS server')
  return socket.getPeerX509Certificate()?.raw ?? null
}

function secrets({ privateKey, certificate, authority }: Identity) {
  return { key: privateKey, cert: certificate, ca: authority }
}

/**
 * Finds out whether there is somewhere to serve, before anything is made that would have to be told of.
 *
 * @throws KmcError `CONFIG_INVALID` as {@link startTlsServer}.
 */
export async function assertServable(place: ServingPlace): Promise<void> {
  const trial = createTrialServer()
  await listen(trial, place)
  await new Promise((resolve) => trial.close(resolve))
}

/** @throws KmcError `CONFIG_INVALID` */
function listen(server: NetServer, place: ServingPlace): Promise<number> {
  return listenAt(
    server,
    place,
    (shown, cause) =>
      new KmcError(
        'CONFIG_INVALID',
        `The centre cannot listen at ${shown}. Choose an address of this machine and a port that is free, or 0.`,
        { cause },
      ),
  )
}
