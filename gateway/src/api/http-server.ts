import { createServer, type RequestListener, type Server } from 'node:http'
import { OrlopError } from '@orlop/protocol/errors'
import { hostInUrl, listenAt, type ServingPlace, stopServing } from '@orlop/transport/serving'

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

/** Serves `listener` over HTTP. @throws OrlopError `CONFIG_INVALID` when the port is taken or the host is not of this machine. */
export async function startHttpServer(
  listener: RequestListener,
  place: ServingPlace,
): Promise<RunningHttpServer> {
  const server = createServer(
    {
      headersTimeout: HEADERS_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      maxHeaderSize: MAX_HEADER_BYTES,
    },
    listener,
  )
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
    url: `http://${hostInUrl(place.host)}:${port}/`,
    stop: () => stopServing(server),
  }
}
