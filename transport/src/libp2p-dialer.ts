import type { Libp2p } from '@libp2p/interface'
import { type Clock, systemClock } from '@orlop/protocol/clock'
import { Libp2pConnection } from './libp2p-connection.ts'
import { createLibp2pHost, dialHost } from './libp2p-host.ts'
import { peerIdOf } from './libp2p-identity.ts'
import type { RawConnection, RawDialer, RawDialOptions } from './raw-connection.ts'
import { SocketMeter } from './socket-meter.ts'
import { DEFAULT_TRANSPORT_LIMITS, type TransportLimits } from './transport-limits.ts'
import type { PeerAddress } from './transport.ts'

export interface Libp2pDialerOptions {
  /** 32 secret bytes the libp2p identity grows from; see `PEER_SEED_BYTES`. */
  peerSeed: Uint8Array
  limits?: Partial<TransportLimits>
  clock?: Clock
}

/** Dials nodes over libp2p, says no hello and serves nothing: the shore end of a browser's relayed connections. */
export async function createLibp2pDialer(options: Libp2pDialerOptions): Promise<RawDialer> {
  const limits = { ...DEFAULT_TRANSPORT_LIMITS, ...options.limits }
  const meter = new SocketMeter({
    clock: options.clock ?? systemClock,
    silentMs: limits.silentPeerMs,
  })
  const libp2p = await createLibp2pHost({ peerSeed: options.peerSeed, meter, limits })
  return new Libp2pDialer({ libp2p, meter, limits, peerId: await peerIdOf(options.peerSeed) })
}

interface Parts {
  libp2p: Libp2p
  meter: SocketMeter
  limits: TransportLimits
  peerId: string
}

class Libp2pDialer implements RawDialer {
  readonly peerId: string
  readonly #parts: Parts

  constructor(parts: Parts) {
    this.peerId = parts.peerId
    this.#parts = parts
  }

  async start(): Promise<void> {
    this.#parts.meter.start()
    await this.#parts.libp2p.start()
  }

  async stop(): Promise<void> {
    this.#parts.meter.stop()
    await this.#parts.libp2p.stop()
  }

  async dial(address: PeerAddress, options: RawDialOptions): Promise<RawConnection> {
    const { libp2p, limits } = this.#parts
    const { dialTimeoutMs } = limits
    const signal = options.signal ?? new AbortController().signal
    const connection = await dialHost(libp2p, address, { signal, dialTimeoutMs })
    connection.addEventListener('close', options.onClose)
    return new Libp2pConnection(connection, limits)
  }
}
