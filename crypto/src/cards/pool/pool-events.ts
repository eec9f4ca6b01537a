/** What whoever watches a pool should know at once. */
export type PoolAlert =
  /** A card failed its self-test, went away or could not be opened; it is tried again by itself. */
  | { readonly kind: 'card-quarantined'; readonly card: string; readonly error: Error }
  /** A card needs a person: its PIN is refused, or its configuration is wrong. It is not tried again. */
  | { readonly kind: 'card-failed'; readonly card: string; readonly error: Error }
  /** A card has passed its self-test and serves again. */
  | { readonly kind: 'card-returned'; readonly card: string }
  /** More work waits than the pool's threshold. Said once, until less than half of that waits. */
  | { readonly kind: 'queue-long'; readonly waiting: number }
  | { readonly kind: 'queue-short'; readonly waiting: number }

/**
 * - `opening`: for the first time, or again after a quarantine.
 * - `ready`: serves.
 * - `quarantined`: is closed, and opened again later.
 * - `failed`: is closed until a person removes and adds it.
 * - `leaving`: takes no new work, and is closed after what is under way.
 */
export type PooledCardState = 'opening' | 'ready' | 'quarantined' | 'failed' | 'leaving'

export interface PooledCardMetrics {
  readonly name: string
  readonly state: PooledCardState
  readonly underWay: number
  readonly maxConcurrent: number
  /** Work that ended well, and badly, since the card was added. */
  readonly completed: number
  readonly failed: number
  /** Sum over all work of the time it took, milliseconds. */
  readonly busyMs: number
  readonly quarantines: number
}

export interface ApplicationMetrics {
  readonly appId: string
  readonly underWay: number
  readonly waiting: number
}

/** A pool at one moment. */
export interface PoolMetrics {
  readonly cards: readonly PooledCardMetrics[]
  /** Those with work under way or waiting. */
  readonly applications: readonly ApplicationMetrics[]
  readonly waiting: number
  /** Work refused since the pool was made: over a quota, or with the queue full. */
  readonly refused: number
}
