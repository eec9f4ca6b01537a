/** What the relay allows browsers. `docs/limits.md` has the reasons; tests inject small ones. */
export interface RelayLimits {
  /** Open sessions, all together. */
  readonly maxSessions: number
  /** Open sessions of one network address; of IPv6, of one /64 network. */
  readonly maxSessionsPerAddress: number
  /** New sessions of one network address in a minute. */
  readonly maxNewSessionsPerMinute: number
  /** Nodes one session is connected to at a time. */
  readonly maxLinksPerSession: number
  /** Streams of one session that are open at a time, those that hold its links included. */
  readonly maxStreamsPerSession: number
  /** Streams of all sessions together: they hold the relay's memory. */
  readonly maxStreams: number
  /** Bytes a second of one session, in each direction. */
  readonly maxBytesPerSecond: number
  /** Frames of the muxer a second of one session; each costs work, however short. */
  readonly maxFramesPerSecond: number
  /** A session on which nothing was asked or passed on for this long is ended. */
  readonly idleMs: number
  /** How old the view of the registry may be. */
  readonly registryFreshMs: number
}

export const DEFAULT_RELAY_LIMITS: RelayLimits = {
  maxSessions: 128,
  maxSessionsPerAddress: 8,
  maxNewSessionsPerMinute: 30,
  maxLinksPerSession: 16,
  maxStreamsPerSession: 48,
  maxStreams: 512,
  maxBytesPerSecond: 16 * 1024 * 1024,
  maxFramesPerSecond: 5_000,
  idleMs: 300_000,
  registryFreshMs: 10_000,
}
