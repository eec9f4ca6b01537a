import { abandonable } from '@orlop/protocol/abandonable'
import { type Clock, systemClock } from '@orlop/protocol/clock'
import { throwIfAborted } from '@orlop/protocol/errors'
import { type Logger, silentLogger } from '@orlop/protocol/logger'
import type { Verb } from '@orlop/protocol/wire/frame'
import type { Admission, HelloSelf } from '../hello.ts'
import { PeerHost } from '../peer-host.ts'
import { SharedDials } from '../shared-dials.ts'
import { DEFAULT_TRANSPORT_LIMITS, type TransportLimits } from '../transport-limits.ts'
import type { CallOptions, Peer, PeerAddress, Transport, WireBytes } from '../transport.ts'
import { relayUrlOf } from './open-web-socket.ts'
import { RelayConnection } from './relay-connection.ts'
import { RelaySession } from './relay-session.ts'

export interface RelayTransportOptions {
  /** The gateway's address, such as `https://gateway.example/`. */
  url: string
  /** Who this side is on the ledger, asked for at every hello. */
  self: () => HelloSelf
  /** Decides who gets further than hello. */
  admit: Admission
  /** Name and version shown in hello, at most 64 characters. */
  software: string
  limits?: Partial<TransportLimits>
  clock?: Clock
  logger?: Logger
}

/**
 * The transport of browsers, and of programs that can reach a gateway and no node: streams to nodes through one WebSocket. This side
 * says hello itself; the gateway passes frames on. A session is opened at the first dial, and again after it broke.
 *
 * Addresses of nodes are not used: the gateway takes them from the ledger's registry.
 *
 * @throws OrlopError `CONFIG_INVALID` when `url` is no address of a gateway.
 */
export function createRelayTransport(options: RelayTransportOptions): Transport {
  return new RelayTransport(options)
}

interface Hosted {
  session: RelaySession
  host: PeerHost
  dials: SharedDials
}

class RelayTransport implements Transport {
  /** Nobody can dial a browser. */
  readonly addresses: string[] = []
  readonly #options: RelayTransportOptions
  readonly #url: string
  readonly #limits: TransportLimits
  readonly #ended: WireBytes = { sentBytes: 0, receivedBytes: 0 }
  #hosted: Hosted | null = null
  #opening: Promise<Hosted> | null = null
  #running: AbortController | null = null

  constructor(options: RelayTransportOptions) {
    this.#options = options
    this.#url = relayUrlOf(options.url)
    this.#limits = { ...DEFAULT_TRANSPORT_LIMITS, ...options.limits }
  }

  /** The identity that the gateway uses for the session that is open; empty before the first dial. */
  get peerId(): string {
    return this.#hosted?.session.peerId ?? ''
  }

  get wireBytes(): WireBytes {
    const open = this.#hosted?.session.wireBytes
    return {
      sentBytes: this.#ended.sentBytes + (open?.sentBytes ?? 0),
      receivedBytes: this.#ended.receivedBytes + (open?.receivedBytes ?? 0),
    }
  }

  handle(verb: Verb): void {
    throw new TypeError(`verb ${verb}: expected no handler, for nobody opens streams to a browser`)
  }

  start(): Promise<void> {
    this.#running ??= new AbortController()
    return Promise.resolve()
  }

  async stop(): Promise<void> {
    this.#running?.abort(new Error('the transport stops'))
    this.#running = null
    const hosted = this.#hosted
    if (hosted !== null) await this.#end(hosted)
  }

  async dial(address: PeerAddress, options: CallOptions = {}): Promise<Peer> {
    throwIfAborted(options.signal, 'Dialling')
    const opening = this.#open()
    const hosted = await abandonable(opening, { signal: options.signal, what: 'Dialling' })
    return hosted.dials.dial(address, options, (signal) => this.#connect(hosted, address, signal))
  }

  async #connect(hosted: Hosted, { peerId }: PeerAddress, signal: AbortSignal): Promise<Peer> {
    const connection = await RelayConnection.dial(hosted.session, peerId, { signal })
    connection.onClose = () => {
      hosted.host.forget(connection)
    }
    return hosted.host.introduce(connection, { signal })
  }

  /** The open session, or the one being opened for another caller, or a new one. */
  async #open(): Promise<Hosted> {
    const running = this.#running
    if (running === null) throw new TypeError('dial: expected after start')
    if (this.#hosted !== null) {
      if (this.#hosted.session.isOpen) return this.#hosted
      await this.#end(this.#hosted)
    }
    this.#opening ??= this.#create(running.signal).finally(() => {
      this.#opening = null
    })
    return this.#opening
  }

  async #create(signal: AbortSignal): Promise<Hosted> {
    const { self, admit, software, clock = systemClock, logger = silentLogger } = this.#options
    const limits = this.#limits
    const session = await RelaySession.open({ url: this.#url, limits, clock }, signal)
    if (signal.aborted) {
      await session.close()
      throwIfAborted(signal, 'Dialling')
    }
    const host = new PeerHost({
      localPeerId: session.peerId,
      self,
      admit,
      software,
      limits,
      clock,
      logger,
    })
    const hosted = { session, host, dials: new SharedDials(host) }
    this.#hosted = hosted
    return hosted
  }

  async #end(hosted: Hosted): Promise<void> {
    if (this.#hosted !== hosted) return
    this.#hosted = null
    hosted.dials.stop()
    await hosted.host.stop()
    await hosted.session.close()
    this.#ended.sentBytes += hosted.session.wireBytes.sentBytes
    this.#ended.receivedBytes += hosted.session.wireBytes.receivedBytes
  }
}
