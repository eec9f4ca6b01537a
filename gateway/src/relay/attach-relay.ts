import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'
import { randomBytes } from '@orlop/crypto/bytes'
import { type Clock, systemClock } from '@orlop/protocol/clock'
import type { NodeRecord } from '@orlop/protocol/ledger-records'
import { type Logger, silentLogger } from '@orlop/protocol/logger'
import { boundedYamux } from '@orlop/transport/bounded-yamux'
import { createLibp2pDialer } from '@orlop/transport/libp2p-dialer'
import { PEER_SEED_BYTES } from '@orlop/transport/libp2p-identity'
import type { RawDialer } from '@orlop/transport/raw-connection'
import {
  MAX_RELAY_MESSAGE_BYTES,
  MAX_RELAY_WINDOW_BYTES,
  RELAY_PATH,
} from '@orlop/transport/relay/relay-frames'
import { DEFAULT_TRANSPORT_LIMITS, type TransportLimits } from '@orlop/transport/transport-limits'
import { BrowserSession } from './browser-session.ts'
import { NodeBook } from './node-book.ts'
import { DEFAULT_RELAY_LIMITS, type RelayLimits } from './relay-limits.ts'
import { type RelayObserver, silentRelayObserver } from './relay-observer.ts'
import { SessionGate } from './session-gate.ts'
import { StreamBudget } from './stream-budget.ts'
import { streamOverSocket } from './web-socket-port.ts'

export interface RelayOptions {
  /** Every node of the registry: browsers are connected to these and to nobody else. `LedgerReader.nodes` does. */
  readNodes: (options: { signal?: AbortSignal }) => Promise<readonly NodeRecord[]>
  /** Whether pages of that origin may use the relay too, beside pages of the gateway itself and programs that are no browser. */
  isOriginAllowed?: (origin: string) => boolean
  /** The network address that limits count for; behind a proxy, the one that the proxy tells. */
  addressOf?: (request: IncomingMessage) => string
  /** Makes the identity and connections of one session. */
  createDialer?: () => Promise<RawDialer>
  limits?: Partial<RelayLimits>
  transportLimits?: Partial<TransportLimits>
  observer?: RelayObserver
  clock?: Clock
  logger?: Logger
}

export interface AttachedRelay {
  /** Sessions that are open. */
  readonly sessions: number
  /** Streams that are open. */
  readonly streams: number
  /** Takes no new sessions and ends those that are open. */
  stop(): Promise<void>
}

/**
 * Serves browsers' WebSockets at `RELAY_PATH` of an HTTP server, which must have no other upgrades: any other path is answered with 404.
 * What the relay passes on it can delay and drop; it holds no client's key, and cannot reach what decrypts.
 */
export function attachRelay(server: Server, options: RelayOptions): AttachedRelay {
  const relay = new Relay(options)
  const upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    relay.upgrade(request, socket, head)
  }
  server.on('upgrade', upgrade)
  return {
    get sessions() {
      return relay.sessions
    },
    get streams() {
      return relay.streams
    },
    stop: async () => {
      server.off('upgrade', upgrade)
      await relay.stop()
    },
  }
}

class Relay {
  readonly #options: RelayOptions
  readonly #limits: RelayLimits
  readonly #transportLimits: TransportLimits
  readonly #clock: Clock
  readonly #gate: SessionGate
  readonly #budget: StreamBudget
  readonly #nodes: NodeBook
  readonly #observer: RelayObserver
  readonly #open = new Set<BrowserSession>()
  readonly #server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    maxPayload: MAX_RELAY_MESSAGE_BYTES,
    // Sealed bytes do not get shorter.
    perMessageDeflate: false,
  })

  constructor(options: RelayOptions) {
    this.#options = options
    this.#limits = { ...DEFAULT_RELAY_LIMITS, ...options.limits }
    this.#transportLimits = {
      ...DEFAULT_TRANSPORT_LIMITS,
      maxStreamWindowBytes: MAX_RELAY_WINDOW_BYTES,
      ...options.transportLimits,
    }
    this.#clock = options.clock ?? systemClock
    this.#observer = options.observer ?? silentRelayObserver
    this.#gate = new SessionGate(this.#limits, this.#clock)
    this.#budget = new StreamBudget(this.#limits.maxStreams)
    this.#nodes = new NodeBook({
      readNodes: options.readNodes,
      freshMs: this.#limits.registryFreshMs,
      clock: this.#clock,
    })
  }

  get sessions(): number {
    return this.#gate.sessions
  }

  get streams(): number {
    return this.#budget.open
  }

  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => undefined)
    const refusal = this.#refusalOf(request)
    if (refusal !== null) {
      this.#refuse(socket, refusal)
      return
    }
    const { addressOf = remoteAddressOf } = this.#options
    const leave = this.#gate.enter(addressOf(request))
    if (typeof leave === 'number') {
      this.#refuse(socket, leave)
      return
    }
    // However the socket ends, before or after its upgrade, its place is free again.
    socket.once('close', leave)
    this.#server.handleUpgrade(request, socket, head, (webSocket) => {
      void this.#serve(webSocket)
    })
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#open].map((session) => session.stop('stopped')))
  }

  async #serve(socket: WebSocket): Promise<void> {
    const session = this.#sessionOver(socket)
    this.#open.add(session)
    this.#observer.sessionOpened()
    const end = await session.ended
    this.#open.delete(session)
    this.#observer.sessionEnded(end)
  }

  #sessionOver(socket: WebSocket): BrowserSession {
    const { maxBytesPerSecond, maxFramesPerSecond, maxStreamsPerSession } = this.#limits
    const { silentPeerMs: silentMs, keepAliveMs, maxStreamWindowBytes } = this.#transportLimits
    const clock = this.#clock
    const wire = streamOverSocket({
      socket,
      silentMs,
      maxBytesPerSecond,
      clock,
    })
    const muxer = boundedYamux(
      { keepAliveMs, maxStreamWindowBytes, maxStreamsPerPeer: maxStreamsPerSession },
      { maxFramesPerSecond, clock },
    )().createStreamMuxer(wire)
    return new BrowserSession({
      wire,
      muxer,
      addressesOf: (peerId) => this.#nodes.addressesOf(peerId),
      createDialer: this.#options.createDialer ?? (() => this.#createDialer()),
      budget: this.#budget,
      limits: this.#limits,
      transportLimits: this.#transportLimits,
      observer: this.#observer,
      clock,
      logger: this.#options.logger ?? silentLogger,
    })
  }

  async #createDialer(): Promise<RawDialer> {
    const dialer = await createLibp2pDialer({
      peerSeed: randomBytes(PEER_SEED_BYTES),
      limits: this.#transportLimits,
    })
    await dialer.start()
    return dialer
  }

  #refusalOf(request: IncomingMessage): number | null {
    const path = URL.parse(request.url ?? '', 'http://gateway')?.pathname
    if (path !== RELAY_PATH) return 404
    const { origin, host } = request.headers
    if (origin === undefined) return null
    const isOwn = URL.parse(origin)?.host === host
    return isOwn || this.#options.isOriginAllowed?.(origin) === true ? null : 403
  }

  #refuse(socket: Duplex, status: number): void {
    this.#observer.sessionRefused(status)
    const retry = status === 429 || status === 503 ? 'Retry-After: 60\r\n' : ''
    socket.end(
      `HTTP/1.1 ${status} ${REASONS[status] ?? ''}\r\n${retry}Connection: close\r\nContent-Length: 0\r\n\r\n`,
    )
    socket.once('finish', () => {
      socket.destroy()
    })
  }
}

/** RFC 9110 section 15. */
const REASONS: Readonly<Record<number, string>> = {
  403: 'Forbidden',
  404: 'Not Found',
  429: 'Too Many Requests',
  503: 'Service Unavailable',
}

function remoteAddressOf({ socket }: IncomingMessage): string {
  return socket.remoteAddress ?? ''
}
