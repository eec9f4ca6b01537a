import type { CardPolicy } from './offload/card-policy.ts'

/** What can be set for a client, with its defaults. */
export interface ClientSettings {
  /** Longest wait for one answer of a node, milliseconds. */
  readonly callTimeoutMs: number
  /** First and longest pause before a broken link is tried again, milliseconds. */
  readonly minRetryMs: number
  readonly maxRetryMs: number
  /** How long an ingress node may stay away before another is asked; never less than the request lease, milliseconds. */
  readonly ingressPatienceMs: number
  /** Pause between looks at the ledger or a node while waiting for a state, milliseconds. */
  readonly pollMs: number
  /** How old the list of nodes may be, milliseconds. */
  readonly registryMaxAgeMs: number
  /** A ledger entry is taken as safe when its block is this old, milliseconds. */
  readonly finalAfterMs: number
  /** How long the ledger may do without a receipt, once stored, before another node is given it, milliseconds. */
  readonly receiptPatienceMs: number
  /** How long a node that broke its word, or sent wrong data, gets nothing new, milliseconds. */
  readonly distrustMs: number
  /** Preferred region of nodes; null when none is. */
  readonly region: string | null
  /** On a metered link other nodes are asked through the one that is connected. */
  readonly isMetered: boolean
  /** What happens where the client's cards cannot seal; for clients that have any. */
  readonly cardPolicy: CardPolicy
  /** Bytes a second that a node should take at least, for the automatic rating. */
  readonly expectedBytesPerSecond: number
}

export const DEFAULT_SETTINGS: ClientSettings = {
  callTimeoutMs: 30_000,
  minRetryMs: 500,
  maxRetryMs: 30_000,
  ingressPatienceMs: 60_000,
  pollMs: 500,
  registryMaxAgeMs: 30_000,
  finalAfterMs: 60_000,
  receiptPatienceMs: 600_000,
  distrustMs: 24 * 3_600_000,
  region: null,
  isMetered: false,
  cardPolicy: 'preferred',
  expectedBytesPerSecond: 64 * 1024,
}
