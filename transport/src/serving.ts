import { once } from 'node:events'
import type { Server as HttpServer } from 'node:http'
import type { AddressInfo, Server } from 'node:net'

/** How long requests under way may go on when a server ends. */
const STOP_GRACE_MS = 3_000

/** Where a server listens. */
export interface ServingPlace {
  /** Address of the interface. */
  readonly host: string
  /** 0 for any free one. */
  readonly port: number
}

/**
 * Has a server listen.
 *
 * @param refusal - makes the error for a port that is taken or a host that is not of this machine; `place` is both, for people.
 * @returns the port.
 */
export async function listenAt(
  server: Server,
  { host, port }: ServingPlace,
  refusal: (place: string, cause: unknown) => Error,
): Promise<number> {
  try {
    server.listen(port, host)
    await once(server, 'listening')
  } catch (cause) {
    throw refusal(`${host}:${port}`, cause)
  }
  return (server.address() as AddressInfo).port
}

/** Takes no new requests, lets those under way finish for a while, then cuts them. */
export function stopServing(server: HttpServer): Promise<void> {
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

/** A host as it stands in an address to go to: nobody can go to "every interface". */
export function hostInUrl(host: string): string {
  if (host === '0.0.0.0' || host === '::') return 'localhost'
  return host.includes(':') ? `[${host}]` : host
}
