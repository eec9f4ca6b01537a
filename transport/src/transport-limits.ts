import { MAX_STREAMS_PER_PEER, SLOW_PEER_BYTES, SLOW_PEER_WINDOW_MS } from '@orlop/protocol/limits'

/** What one transport allows its peers. Tests inject short times; `docs/limits.md` has the reasons. */
export interface TransportLimits {
  /** From a connection's first byte to a checked hello of both sides. */
  readonly helloTimeoutMs: number
  /** How long a hello stands for whoever said it; afterwards no new stream is served until the next one. */
  readonly helloLifetimeMs: number
  /** How far the time in a hello may be from our clock. */
  readonly helloToleranceMs: number
  /** From the call of `dial` to a connection with agreed keys. */
  readonly dialTimeoutMs: number
  /** Until the other side has agreed to a stream's verb. */
  readonly openTimeoutMs: number
  /** How long a closed stream waits for the other side to close as well. */
  readonly closeTimeoutMs: number
  /** A frame under way must move this many bytes … */
  readonly slowPeerBytes: number
  /** … in each window of this length. */
  readonly slowPeerWindowMs: number
  /** Streams of one peer that are served at a time. */
  readonly maxStreamsPerPeer: number
  /** Connections of one peer id; the oldest idle one makes way for a new one. */
  readonly maxConnectionsPerPeer: number
  /** Connections of guests, all together; likewise. */
  readonly maxGuests: number
  /** Accepted connections that have not said hello yet, all together; the oldest makes way for a new one. */
  readonly maxNewcomers: number
  /** Connections that are accepted at a time. */
  readonly maxInboundConnections: number
  /** Accepted connections that have not agreed on keys yet. */
  readonly maxPendingConnections: number
  /** New connections of one network address in a second. */
  readonly maxConnectionsPerSecond: number
  /** A quiet connection is asked for a sign of life this often. */
  readonly keepAliveMs: number
  /** A connection that stays silent for this long is dead. Longer than two `keepAliveMs`. */
  readonly silentPeerMs: number
  /** Most bytes one stream may have in flight: the receiver's memory, the sender's speed over a slow round trip. */
  readonly maxStreamWindowBytes: number
}

export const DEFAULT_TRANSPORT_LIMITS: TransportLimits = {
  helloTimeoutMs: 10_000,
  helloLifetimeMs: 15 * 60_000,
  helloToleranceMs: 2 * 60_000,
  dialTimeoutMs: 10_000,
  openTimeoutMs: 15_000,
  closeTimeoutMs: 10_000,
  slowPeerBytes: SLOW_PEER_BYTES,
  slowPeerWindowMs: SLOW_PEER_WINDOW_MS,
  maxStreamsPerPeer: MAX_STREAMS_PER_PEER,
  maxConnectionsPerPeer: 8,
  maxGuests: 64,
  maxNewcomers: 64,
  maxInboundConnections: 512,
  maxPendingConnections: 64,
  maxConnectionsPerSecond: 64,
  keepAliveMs: 25_000,
  silentPeerMs: 60_000,
  maxStreamWindowBytes: 4 * 1024 * 1024,
}
