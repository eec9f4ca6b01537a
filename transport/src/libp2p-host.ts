import type { Connection, Libp2p } from '@libp2p/interface'
import { noise } from '@libp2p/noise'
import { tls } from '@libp2p/tls'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import { boundedYamux } from './bounded-yamux.ts'
import { countingTcp } from './counting-tcp.ts'
import { asConnectionFailure } from './failures.ts'
import { peerKeyOf } from './libp2p-identity.ts'
import type { SocketMeter } from './socket-meter.ts'
import type { TransportLimits } from './transport-limits.ts'
import type { PeerAddress } from './transport.ts'

export type Encrypter = 'tls' | 'noise'

const ENCRYPTERS = { tls, noise }

export interface Libp2pHostOptions {
  /** 32 secret bytes the libp2p identity grows from; see `PEER_SEED_BYTES`. */
  peerSeed: Uint8Array
  /** Sees every socket. */
  meter: SocketMeter
  limits: TransportLimits
  /** Multiaddrs to listen at; none for who only dials. */
  listen?: readonly string[]
  /** Multiaddrs others reach this side at, when they are not those it listens at. */
  announce?: readonly string[]
  /** Channel security, preferred first. Both sides offer both by default. */
  encrypters?: readonly Encrypter[]
}

/** A libp2p host, not started, with Orlop's choice of parts and limits: TCP, TLS 1.3 or Noise, yamux; no peer discovery. */
export async function createLibp2pHost(options: Libp2pHostOptions): Promise<Libp2p> {
  const { limits, meter } = options
  return createLibp2p({
    privateKey: await peerKeyOf(options.peerSeed),
    start: false,
    addresses: { listen: [...(options.listen ?? [])], announce: [...(options.announce ?? [])] },
    // The meter ends silent sockets; TCP's own limit must not be the first.
    transports: [
      countingTcp(meter, {
        inboundSocketInactivityTimeout: limits.silentPeerMs * 2,
        outboundSocketInactivityTimeout: limits.silentPeerMs * 2,
      }),
    ],
    connectionEncrypters: (options.encrypters ?? ['tls', 'noise']).map((name) =>
      ENCRYPTERS[name](),
    ),
    streamMuxers: [boundedYamux(limits)],
    connectionMonitor: { enabled: false },
    connectionManager: {
      dialTimeout: limits.dialTimeoutMs,
      inboundUpgradeTimeout: limits.helloTimeoutMs,
      maxConnections: limits.maxInboundConnections,
      maxIncomingPendingConnections: limits.maxPendingConnections,
      inboundConnectionThreshold: limits.maxConnectionsPerSecond,
    },
  })
}

export interface DialHostOptions {
  signal: AbortSignal
  dialTimeoutMs: number
}

/**
 * A connection to that peer with agreed keys, before any hello.
 *
 * @throws OrlopError `NODE_UNREACHABLE`, `ABORTED`.
 */
export async function dialHost(
  libp2p: Libp2p,
  { peerId, addresses }: PeerAddress,
  { signal, dialTimeoutMs }: DialHostOptions,
): Promise<Connection> {
  try {
    const targets = addresses.map((text) => withPeerId(text, peerId))
    const deadline = AbortSignal.timeout(dialTimeoutMs)
    return await libp2p.dial(targets, { signal: AbortSignal.any([signal, deadline]), force: true })
  } catch (cause) {
    const what = `could not be opened (${addresses.join(', ') || 'no address known'})`
    throw asConnectionFailure(cause, { peerId, what, signal })
  }
}

function withPeerId(address: string, peerId: string) {
  const target = multiaddr(address)
  return target.getComponents().some(({ name }) => name === 'p2p')
    ? target
    : target.encapsulate(`/p2p/${peerId}`)
}
