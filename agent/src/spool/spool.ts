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
 * - `failed`: will not succeed unchanged; a person has to look.
 */
export type SpoolState = 'queued' | 'storing' | 'stored' | 'recorded' | 'failed'

/** What storing the file came to. */
export interface StoredFacts {
  /** `orlop:…` */
  objectId: string
  sealedBytes: number
  /** On the link, handshakes and repetitions included. */
  wireBytes: { sentBytes: number; receivedBytes: number }
  ingress: { nodeId: number; name: string }
}

export interface SpoolItem extends FoundFile {
  /** Made from path, size and time: the item's name in the spool. */
  key: string
  importance: Importance
  foundMs: number
  state: SpoolState
  /** Null until it is stored. */
  stored: StoredFacts | null
  /** The last failure as shown to people; null after a success. */
  failure: { code: string; message: string; atMs: number } | null
  attempts: number
}

/**
 * What the agent has taken on. Durable: once `add` has resolved, the file is stored sooner or later, whatever is switched off
 * in between.
 */
export interface Spool {
  /** Takes a file on. @returns false when this very file (path, size, time) is known already. */
  add(file: FoundFile, importance: Importance, foundMs: number): Promise<boolean>
  /** What to do next: by importance, then what was begun, then the oldest; null when nothing waits. */
  next(): Promise<SpoolItem | null>
  update(key: string, change: Partial<Omit<SpoolItem, 'key'>>): Promise<SpoolItem>
  /** Every item, oldest first. */
  all(): AsyncIterable<SpoolItem>
  close(): Promise<void>
}
