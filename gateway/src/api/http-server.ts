import { createServer, type RequestListener, type Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { OrlopError } from '@orlop/protocol/errors'
import { hostInUrl, listenAt, type ServingPlace, stopServing } from '@orlop/transport/serving'
import type { TlsIdentity } from './tls-identity.ts'

export interface RunningHttpServer {
  /** For those who take over connections (WebSocket). */
  readonly server: Server
  /** Where a browser on this machine finds it. */
  readonly url: string
  readonly port: number
  /** Takes no new requests, lets those under way finish for a while, then cuts them. */
  stop(): Promise<void>
}

const HEADERS_TIMEOUT_MS = 10_000
const REQUEST_TIMEOUT_MS = 30_000
const MAX_CONNECTIONS = 1024
const MAX_HEADER_BYTES = 16 * 1024

/**
 * Serves `listener` over HTTP, or over HTTPS with an identity, which is let go when the server stops.
 *
 * @throws OrlopError `CONFIG_INVALID` when the port is taken or the host is not of this machine.
 */
export async function startHttpServer(
  listener: RequestListener,
  place: ServingPlace,
  tls: TlsIdentity | null = null,
): Promise<RunningHttpServer> {
  const server = serverOf(listener, tls)
  server.maxConnections = MAX_CONNECTIONS
  const port = await listenAt(
    server,
    place,
    (shown, cause) =>
      new OrlopError(
        'CONFIG_INVALID',
        `The gateway cannot listen at ${shown}. Choose an address of this machine and a port that is free, or 0.`,
        { cause },
      ),
  )
  return {
    server,
    port,
    url: `${tls === null ? 'http' : 'https'}://${hostInUrl(place.host)}:${port}/`,
    stop: () => {
      tls?.stop()
      return stopServing(server)
    },
  }
}

function serverOf(listener: RequestListener, tls: TlsIdentity | null): Server {
  const limits = {
    headersTimeout: HEADERS_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    maxHeaderSize: MAX_HEADER_BYTES,
  }
  if (tls === null) return createServer(limits, listener)
  const server = createTlsServer({ ...limits, ...tls.secrets, minVersion: 'TLSv1.2' }, listener)
  tls.onReplaced((secrets) => {
    server.setSecureContext(secrets)
  })
  return server
}
