import { type Clock, systemClock } from '@orlop/protocol/clock'
import { throwIfAborted } from '@orlop/protocol/errors'
import { type Logger, silentLogger } from '@orlop/protocol/logger'
import type { Verb } from '@orlop/protocol/wire/frame'
import type { Admission, HelloSelf } from './hello.ts'
import { peerIdOf } from './libp2p-identity.ts'
import type { MemoryEndpoint, MemoryNetwork } from './memory-network.ts'
import { PeerHost } from './peer-host.ts'
import { SharedDials } from './shared-dials.ts'
import { DEFAULT_TRANSPORT_LIMITS, type TransportLimits } from './transport-limits.ts'
import type {
  CallOptions,
  ChannelHandler,
  Peer,
  PeerAddress,
  Transport,
  WireBytes,
} from './transport.ts'

export interface MemoryTransportOptions {
  network: MemoryNetwork
  /** 32 bytes; gives the same peer id as the libp2p transport would have. */
  peerSeed: Uint8Array
  self: () => HelloSelf
  admit: Admission
  /** Whether others can dial this side. */
  listen?: boolean
  limits?: Partial<TransportLimits>
  clock?: Clock
  logger?: Logger
}

/** A transport inside one process, for tests: real hello and admission, no sockets, faults through its `MemoryNetwork`. */
export async function createMemoryTransport(options: MemoryTransportOptions): Promise<Transport> {
  return new MemoryTransport(options, await peerIdOf(options.peerSeed))
}

class MemoryTransport implements Transport {
  readonly peerId: string
  readonly wireBytes: WireBytes = { sentBytes: 0, receivedBytes: 0 }
  readonly #network: MemoryNetwork
  readonly #endpoint: MemoryEndpoint
  readonly #host: PeerHost
  readonly #dials: SharedDials
  #running = false

  constructor(options: MemoryTransportOptions, peerId: string) {
    this.peerId = peerId
    this.#network = options.network
    this.#host = new PeerHost({
      localPeerId: peerId,
      self: options.self,
      admit: options.admit,
      software: 'orlop-memory',
      limits: { ...DEFAULT_TRANSPORT_LIMITS, ...options.limits },
      clock: options.clock ?? systemClock,
      logger: options.logger ?? silentLogger,
    })
    this.#dials = new SharedDials(this.#host)
    const { wireBytes } = this
    this.#endpoint = {
      peerId,
      host: this.#host,
      listens: options.listen ?? false,
      count: (direction, bytes) => {
        if (direction === 'sent') wireBytes.sentBytes += bytes
        else wireBytes.receivedBytes += bytes
      },
    }
  }

  get addresses(): string[] {
    return this.#running && this.#endpoint.listens ? [`/memory/${this.peerId}`] : []
  }

  handle(verb: Verb, handler: ChannelHandler): void {
    if (this.#running) throw new TypeError(`verb ${verb}: expected before start`)
    this.#host.handle(verb, handler)
  }

  start(): Promise<void> {
    this.#running = true
    this.#network.attach(this.#endpoint)
    return Promise.resolve()
  }

  async stop(): Promise<void> {
    this.#running = false
    this.#dials.stop()
    await this.#host.stop()
    this.#network.detach(this.peerId)
  }

  async dial(address: PeerAddress, options: CallOptions = {}): Promise<Peer> {
    throwIfAborted(options.signal, 'Dialling')
    if (!this.#running) throw new TypeError('dial: expected after start')
    return this.#dials.dial(address, options, async (signal) => {
      const connection = this.#network.connect(this.#endpoint, address.peerId)
      return this.#host.introduce(connection, { signal })
    })
  }
}
