import type { Connection, Libp2p, Stream } from '@libp2p/interface'
import { type Clock, systemClock } from '@orlop/protocol/clock'
import { OrlopError, throwIfAborted } from '@orlop/protocol/errors'
import { type Logger, silentLogger } from '@orlop/protocol/logger'
import { PROTOCOLS, type Verb } from '@orlop/protocol/wire/frame'
import type { Admission, HelloSelf } from './hello.ts'
import { Libp2pConnection } from './libp2p-connection.ts'
import { createLibp2pHost, dialHost, type Encrypter } from './libp2p-host.ts'
import { peerIdOf } from './libp2p-identity.ts'
import { Libp2pStream } from './libp2p-stream.ts'
import { PeerHost } from './peer-host.ts'
import { SharedDials } from './shared-dials.ts'
import { SocketMeter } from './socket-meter.ts'
import { DEFAULT_TRANSPORT_LIMITS, type TransportLimits } from './transport-limits.ts'
import type {
  CallOptions,
  ChannelHandler,
  Peer,
  PeerAddress,
  Transport,
  WireBytes,
} from './transport.ts'

export interface Libp2pTransportOptions {
  /** 32 secret bytes the libp2p identity grows from; see `PEER_SEED_BYTES`. */
  peerSeed: Uint8Array
  /** Who this side is on the ledger, asked for at every hello. */
  self: () => HelloSelf
  /** Decides who gets further than hello. */
  admit: Admission
  /** Name and version shown in hello, at most 64 characters. */
  software: string
  /** Multiaddrs to listen at, such as `/ip4/0.0.0.0/tcp/4001`; none for a client. */
  listen?: readonly string[]
  /** Multiaddrs others reach this side at, when they are not those it listens at (behind address translation). */
  announce?: readonly string[]
  /** Channel security, preferred first. Both sides offer both by default. */
  encrypters?: readonly Encrypter[]
  limits?: Partial<TransportLimits>
  clock?: Clock
  logger?: Logger
}

/**
 * The transport of nodes and of the SDK: TCP, TLS 1.3 or Noise, yamux, and Orlop's hello. No peer discovery: addresses come from
 * the ledger's registry.
 */
export async function createLibp2pTransport(options: Libp2pTransportOptions): Promise<Transport> {
  return new Libp2pTransport(options, await peerIdOf(options.peerSeed))
}

class Libp2pTransport implements Transport {
  readonly peerId: string
  readonly #options: Libp2pTransportOptions
  readonly #limits: TransportLimits
  readonly #meter: SocketMeter
  readonly #host: PeerHost
  readonly #connections = new WeakMap<Connection, Libp2pConnection>()
  readonly #dials: SharedDials
  #libp2p: Libp2p | null = null

  constructor(options: Libp2pTransportOptions, peerId: string) {
    const clock = options.clock ?? systemClock
    this.peerId = peerId
    this.#options = options
    this.#limits = { ...DEFAULT_TRANSPORT_LIMITS, ...options.limits }
    this.#meter = new SocketMeter({ clock, silentMs: this.#limits.silentPeerMs })
    this.#host = new PeerHost({
      localPeerId: peerId,
      self: options.self,
      admit: options.admit,
      software: options.software,
      limits: this.#limits,
      clock,
      logger: options.logger ?? silentLogger,
    })
    this.#dials = new SharedDials(this.#host)
  }

  get addresses(): string[] {
    return this.#libp2p?.getMultiaddrs().map((address) => address.toString()) ?? []
  }

  get wireBytes(): WireBytes {
    return this.#meter.wireBytes
  }

  handle(verb: Verb, handler: ChannelHandler): void {
    if (this.#libp2p !== null) throw new TypeError(`verb ${verb}: expected before start`)
    this.#host.handle(verb, handler)
  }

  async start(): Promise<void> {
    if (this.#libp2p !== null) return
    const libp2p = await createLibp2pHost({
      ...this.#options,
      meter: this.#meter,
      limits: this.#limits,
    })
    this.#libp2p = libp2p
    libp2p.addEventListener('connection:open', ({ detail: connection }) => {
      if (connection.direction === 'inbound') this.#host.welcome(this.#raw(connection))
    })
    libp2p.addEventListener('connection:close', ({ detail: connection }) => {
      this.#host.forget(this.#raw(connection))
    })
    for (const verb of new Set<Verb>(['hello', ...this.#host.verbs])) {
      await libp2p.handle(
        PROTOCOLS[verb],
        (stream, connection) => {
          void this.#serve(verb, stream, connection)
        },
        {
          maxInboundStreams: this.#limits.maxStreamsPerPeer,
          maxOutboundStreams: Number.MAX_SAFE_INTEGER,
        },
      )
    }
    this.#meter.start()
    try {
      await libp2p.start()
    } catch (cause) {
      throw new OrlopError(
        'CONFIG_INVALID',
        `Cannot listen at ${(this.#options.listen ?? []).join(', ')}. Choose an address and port that are free on this machine.`,
        { cause },
      )
    }
  }

  async stop(): Promise<void> {
    this.#dials.stop()
    this.#meter.stop()
    await this.#host.stop()
    await this.#libp2p?.stop()
  }

  async dial(address: PeerAddress, options: CallOptions = {}): Promise<Peer> {
    throwIfAborted(options.signal, 'Dialling')
    return this.#dials.dial(address, options, (signal) => this.#connect(address, signal))
  }

  async #serve(verb: Verb, stream: Stream, connection: Connection): Promise<void> {
    const raw = this.#raw(connection)
    const frames = new Libp2pStream({
      stream,
      peerId: raw.remotePeerId,
      limits: this.#limits,
      inbound: true,
    })
    await this.#host.serve(raw, verb, frames)
  }

  async #connect(address: PeerAddress, signal: AbortSignal): Promise<Peer> {
    if (this.#libp2p === null) throw new TypeError('dial: expected after start')
    const { dialTimeoutMs } = this.#limits
    const connection = await dialHost(this.#libp2p, address, { signal, dialTimeoutMs })
    return this.#host.introduce(this.#raw(connection), { signal })
  }

  #raw(connection: Connection): Libp2pConnection {
    const known = this.#connections.get(connection)
    if (known !== undefined) return known
    const raw = new Libp2pConnection(connection, this.#limits)
    this.#connections.set(connection, raw)
    return raw
  }
}
