import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { OrlopError } from '@orlop/protocol/errors'

export interface HttpServerOptions {
  /** Address of the interface to listen at. */
  host: string
  /** 0 for any free one. */
  port: number
}

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
const STOP_GRACE_MS = 3_000

/** Serves `listener` over HTTP. @throws OrlopError `CONFIG_INVALID` when the port is taken or the host is not of this machine. */
export async function startHttpServer(
  listener: RequestListener,
  options: HttpServerOptions,
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
  await listen(server, options)
  const { port } = server.address() as AddressInfo
  return {
    server,
    port,
    url: `http://${shownHost(options.host)}:${port}/`,
    stop: () => stop(server),
  }
}

function listen(server: Server, { host, port }: HttpServerOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause) => {
      reject(
        new OrlopError(
          'CONFIG_INVALID',
          `The gateway cannot listen at ${host}:${port}. Choose an address of this machine and a port that is free, or 0.`,
          { cause },
        ),
      )
    })
    server.listen(port, host, resolve)
  })
}

function stop(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const cut = setTimeout(() => {
      server.closeAllConnections()
    }, STOP_GRACE_MS)
    server.close(() => {
      clearTimeout(cut)
      resolve()
    })
    server.closeIdleConnections()
  })
}

/** A browser cannot go to "every interface". */
function shownHost(host: string): string {
  if (host === '0.0.0.0' || host === '::') return 'localhost'
  return host.includes(':') ? `[${host}]` : host
}
