import type { Decision } from '@orlop/client-sdk/index'
import type { Importance } from '@orlop/protocol/data-classes'

/** One finished file as it was found. The same path with another size or time is another item. */
export interface FoundFile {
  /** Absolute. */
  path: string
  sizeBytes: number
  modifiedMs: number
}

/**
 * - `queued`: waits for its turn;
 * - `storing`: an upload has begun (the SDK keeps its own record and resumes it);
 * - `stored`: every copy has its node's signature; `recorded`: on the ledger;
 * - `failed`: will not succeed unchanged; a person has to look, and it is tried again at long intervals;
 * - `replaced`: the file was written again before its turn came; what it holds now is an item of its own.
 */
export type SpoolState = 'queued' | 'storing' | 'stored' | 'recorded' | 'failed' | 'replaced'

/** What storing the file came to. */
export interface StoredFacts {
  /** `orlop:…` */
  objectId: string
  sealedBytes: number
  /** On the link, handshakes and repetitions included. */
  wireBytes: { sentBytes: number; receivedBytes: number }
  ingress: { nodeId: number; name: string }
}

/** What the policy says of a file's turn. */
export interface Urgency {
  importance: Importance
  /** Among files that matter as much. */
  lane: Decision['lane']
}

export interface SpoolItem extends FoundFile, Urgency {
  /** Made from path, size and time: the item's name in the spool, and the name of its request to the SDK. */
  key: string
  foundMs: number
  state: SpoolState
  /** When it came into this state; wall milliseconds. */
  changedMs: number
  /** Null until it is stored. */
  stored: StoredFacts | null
  /** The last failure as shown to people; null after a success. */
  failure: { code: string; message: string; atMs: number } | null
  attempts: number
}

/** What a spool holds, at a glance. */
export interface SpoolSummary {
  readonly counts: Readonly<Record<SpoolState, number>>
  /** The newest items, the newest first. */
  readonly recent: readonly SpoolItem[]
}

/** Ranks an item for `next`: lower goes first; null keeps it back for now. */
export type RankItem = (item: SpoolItem) => number | null

/**
 * What the agent has taken on. Durable: once `add` has resolved, the file is stored sooner or later, whatever is switched off
 * in between.
 */
export interface Spool {
  /** Takes a file on. @returns false when this very file (path, size, time) is known already. */
  add(file: FoundFile, urgency: Urgency, foundMs: number): Promise<boolean>
  /**
   * What to do next of all that is queued, begun or failed: by rank, then by importance, then by lane, then what was begun, then the oldest; what
   * has failed is last among equals. Null when nothing is left or everything is kept back.
   */
  next(rank: RankItem): Promise<SpoolItem | null>
  update(key: string, change: Partial<Omit<SpoolItem, 'key'>>): Promise<SpoolItem>
  /** Forgets items: their files, where they are still there, would be taken on anew. Unknown keys are left alone. */
  delete(keys: readonly string[]): Promise<void>
  /** Every item, oldest first. */
  all(): AsyncIterable<SpoolItem>
  /** How many items there are in which state, and the newest of them; at once, whatever their number. */
  summary(): SpoolSummary
  close(): Promise<void>
}
