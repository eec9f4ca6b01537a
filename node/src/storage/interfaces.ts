import type { SignedExtend, SignedRemove } from '@orlop/protocol/messages/keeping'
import type { SignedAck, SignedCommit, SignedOffer } from '@orlop/protocol/messages/storing'
import type { Startable } from '@orlop/protocol/lifecycle'
import type { ReservationBook } from '../reservations/reservation-book.ts'
import type { OutboxEvent } from '../outbox/outbox-event.ts'
import type { RelayedMessage, RelayQueueStatus } from '../outbox/relayed-message.ts'
import type { SpreadRecord, StripRecord } from './records.ts'
import type { ObjectKey, StripKey } from './strip-key.ts'

/** What the rest of the node may ask of its disk. Implementations are put together by `open-node-storage.ts`. */

export type { ObjectKey, StripKey } from './strip-key.ts'

/** What a strip's bytes must be: checked before they become visible and at every read. */
export interface StripTerms {
  /** RFC 9162 tree hash over 4 KiB leaves, 32 bytes. */
  root: Uint8Array
  stripBytes: number
}

/**
 * Bytes of one strip under way; nobody can read them yet. One writer at a time: staging the same strip again takes over, and
 * the earlier handle's calls then fail with `ABORTED`.
 */
export interface Staging {
  readonly key: StripKey
  /** Bytes taken, durable or not: the offset where the next append begins. */
  readonly receivedBytes: number
  /** Bytes that survive a power cut: what may be acknowledged. */
  readonly durableBytes: number
  /**
   * Adds bytes at the end. Wait for it before the next one; `data` must not change until then, and is not kept.
   *
   * @throws OrlopError `RESERVATION_EXCEEDED` when they do not fit `maxBytes`; nothing of them is kept.
   * @throws OrlopError `DISK_FULL` when the disk has no room; what was durable stays so.
   * @throws OrlopError `MALFORMED_MESSAGE` after {@link seal}; `ABORTED` after another handle took over.
   */
  append(data: Uint8Array): Promise<void>
  /** Makes everything appended so far durable. May run beside further appends; resolves to the durable offset. */
  sync(): Promise<number>
  /** Ends the strip: makes it durable and gives its root and length. The bytes stay staged. Again: the same answer. */
  seal(): Promise<StripTerms>
  /** Lets go of the handle; the bytes stay. */
  close(): Promise<void>
}

/** A finished strip, opened for reading. */
export interface StripReader {
  readonly stripBytes: number
  /**
   * Bytes `offsetBytes` to `offsetBytes + lengthBytes` (less at the end), each piece at most 256 KiB, each verified against the
   * root before it is given out.
   *
   * @throws OrlopError `STRIP_DAMAGED` when the bytes on disk are not those of the root.
   */
  read(offsetBytes: number, lengthBytes: number): AsyncIterable<Uint8Array>
  close(): Promise<void>
}

export interface BlobEntry {
  key: StripKey
  place: 'staged' | 'final'
  lengthBytes: number
  /** When its last byte was written, ms since the epoch. */
  lastWriteMs: number
}

/** Where strips' bytes live. */
export interface BlobStore {
  /**
   * Begins a strip or continues it where it stands, also after a restart.
   *
   * @param maxBytes - most bytes the strip may have.
   * @throws OrlopError `ALREADY_EXISTS` when the strip is final here.
   */
  stage(key: StripKey, maxBytes: number): Promise<Staging>
  /** Bytes staged for the strip; null when there are none. */
  stagedBytes(key: StripKey): Promise<number | null>
  /** Throws staged bytes away. @returns false when there were none. */
  discard(key: StripKey): Promise<boolean>
  /**
   * Checks the staged bytes and makes them readable, durably and at once. Again with the same terms: nothing happens.
   *
   * @throws OrlopError `COMMIT_INVALID` when root or length are others (the bytes stay staged), `OBJECT_NOT_FOUND` when nothing is staged.
   */
  finalize(key: StripKey, terms: StripTerms): Promise<void>
  /** Takes a final strip back to staging: for recovery, when nothing was acknowledged. @returns false when it is not final. */
  restage(key: StripKey): Promise<boolean>
  /**
   * @throws OrlopError `STRIP_DAMAGED` when the file is missing, of another length, or its tree does not lead to the root.
   */
  openReader(key: StripKey, terms: StripTerms): Promise<StripReader>
  /** Deletes a final strip. @returns false when there was none. */
  delete(key: StripKey): Promise<boolean>
  /** Takes a final strip that nobody knows out of the way without deleting it. @returns false when it is not final. */
  setAside(key: StripKey): Promise<boolean>
  list(): AsyncIterable<BlobEntry>
  /** Room that may still be used, the configured reserve taken off; 0 or more. */
  freeBytes(): Promise<number>
  close(): Promise<void>
}

/** This node's strips: staging, keeping, reading, giving up. */
export interface StripShelf {
  /**
   * Opens the staging of a reserved strip.
   *
   * @throws OrlopError `RESERVATION_UNKNOWN`, `OBJECT_REMOVED`, `ALREADY_EXISTS` (stored here already).
   */
  stage(key: StripKey): Promise<Staging>
  /**
   * Checks that a strip is reserved or stored here.
   *
   * @throws OrlopError `OBJECT_REMOVED`, `RESERVATION_UNKNOWN`.
   */
  assertExpected(key: StripKey): Promise<void>
  /** Bytes of a strip that are durable here, staged or final; 0 when none. */
  durableBytes(key: StripKey): Promise<number>
  /**
   * Makes a staged strip final, notes it as stored, puts its receipt into the outbox, and only then resolves: send the Ack of the
   * record. The caller has checked the client's signature. Again with the same commit: the record as it stands.
   *
   * @param signAck - called once, when the bytes are durable and their root is the commit's.
   * @throws OrlopError `COMMIT_INVALID` (root, length or node are others), `RESERVATION_UNKNOWN` (no or another receipt number),
   * `ALREADY_EXISTS` (stored under another commit), `OBJECT_REMOVED`.
   */
  keep(commit: SignedCommit, signAck: (storedAtMs: number) => SignedAck): Promise<StripRecord>
  find(key: StripKey): Promise<StripRecord | null>
  /** This node's strips of one object, by index. */
  ofObject(key: ObjectKey): Promise<StripRecord[]>
  /**
   * @throws OrlopError `OBJECT_NOT_FOUND`, `OBJECT_REMOVED`, or as {@link BlobStore.openReader}.
   */
  openReader(key: StripKey): Promise<{ record: StripRecord; reader: StripReader }>
  isRemoved(key: StripKey): Promise<boolean>
  /** Strips found damaged since the node was opened, on opening or while reading; each counts once, until it is given up. */
  readonly damagedStrips: number
  /**
   * Keeps strips longer and queues the message for the ledger; nothing when no strip or reservation of the object is here. The caller
   * has checked the signature. @returns strips concerned.
   */
  extend(extend: SignedExtend): Promise<number>
  /**
   * Deletes strips for good, leaves a tombstone and queues the message for the ledger; neither when no strip or reservation of the
   * object is here. @returns strips concerned.
   */
  remove(remove: SignedRemove): Promise<number>
}

export interface StoredEnvelope {
  version: number
  /** SHA-256 of the envelope without its signature (formats 6). */
  envelopeHash: Uint8Array
  /** The encoded envelope. */
  envelope: Uint8Array
}

/** The newest envelope that this node has seen of each object it holds or has promised room for. Their bytes count against the quota. */
export interface EnvelopeShelf {
  find(key: ObjectKey): Promise<StoredEnvelope | null>
  /**
   * Keeps an envelope unless a newer one is here (for equal versions the lower hash wins). The caller has checked its signature.
   *
   * @returns what holds now, durably: the given envelope or the one that beats it.
   * @throws OrlopError `ENVELOPE_INVALID` when the bytes are no envelope of this object; `OBJECT_REMOVED` when the whole object was removed;
   * `RESERVATION_UNKNOWN` when nothing of the object is reserved or stored here; `DISK_FULL` when one that grows finds the quota used up.
   */
  put(key: ObjectKey, envelope: Uint8Array): Promise<StoredEnvelope>
}

/** Strips this ingress node still has to bring to other nodes, and those it has brought. */
export interface SpreadJobs {
  /**
   * Adds jobs durably, or replaces the one of the same strip (the client signed for another node).
   *
   * @param offer - the client's offer of this object: with it another node can be asked when a target is gone.
   */
  put(commits: SignedCommit[], offer?: SignedOffer): Promise<void>
  /** Notes the target's Ack; the job stays for `status` until the strip expires or is removed. */
  acknowledge(key: StripKey, ack: SignedAck): Promise<void>
  /** Notes a failed attempt, so that a restart does not hurry. */
  postpone(key: StripKey, attempt: { nextAttemptMs: number; problem: string }): Promise<void>
  ofObject(key: ObjectKey): Promise<SpreadRecord[]>
  /** Jobs without Ack, oldest first. */
  pending(): Promise<SpreadRecord[]>
}

/** Signed messages of clients on their way to the ledger. */
export interface RelayQueue extends Startable {
  /** Resolves when the message is durable here: it will be put on the ledger, again after an outage. The same message twice is one. */
  submit(message: RelayedMessage): Promise<{ relayId: string }>
  status(relayId: string): Promise<RelayQueueStatus | null>
  subscribe(listener: (event: OutboxEvent) => void): () => void
  /** Messages that are not final, rejected ones not counted. */
  readonly waiting: number
}

/** Receipts on their way to the ledger; filled by {@link StripShelf.keep}. */
export interface ReceiptOutbox extends Startable {
  subscribe(listener: (event: OutboxEvent) => void): () => void
  /** Receipts that are not final, rejected ones not counted. */
  readonly waiting: number
  /** Sends what waits without waiting for count or age. Resolves after one attempt. */
  flush(): Promise<void>
}

/** Counters and gauges as the edge takes them to Prometheus. */
export interface StorageMetrics {
  add(counter: StorageCounter, by: number): void
  set(gauge: StorageGauge, value: number): void
}

export type StorageCounter =
  | 'strips_stored_total'
  | 'strips_expired_total'
  | 'strips_removed_total'
  | 'strips_damaged_total'
  | 'receipts_recorded_total'
  | 'receipts_final_total'
  | 'receipts_rejected_total'
  | 'receipts_lost_total'
  | 'ledger_failures_total'

export type StorageGauge =
  'stored_bytes' | 'reserved_bytes' | 'open_reservations' | 'outbox_receipts' | 'relay_messages'

/** What an open found and did; everything in it is also logged. */
export interface RecoveryReport {
  /** Torn temporary files deleted. */
  temporaryFiles: number
  /** Staged bytes without a reservation, deleted. */
  orphanStagings: number
  /** Final files that the index did not know: never acknowledged and reserved, so they are staged again. */
  restaged: number
  /** Final files of removed strips, deleted. */
  deletedFinals: number
  /** Final files that nothing explains (an index that was repaired, say), moved to the folder `blobs/unknown`. */
  setAside: StripKey[]
  /** Strips that the index promises and the disk does not have: the node must be looked after. */
  missing: StripKey[]
  /** Stored strips whose receipt had no outbox entry; put there again. */
  outboxRefilled: number
  /** Envelopes of objects of which nothing is here, deleted. */
  orphanEnvelopes: number
}

export interface SweepReport {
  reservations: number
  strips: number
}

/** One node's whole storage, opened. */
export interface NodeStorage {
  readonly blobs: BlobStore
  readonly reservations: ReservationBook
  readonly strips: StripShelf
  readonly envelopes: EnvelopeShelf
  readonly spreads: SpreadJobs
  readonly relay: RelayQueue
  readonly outbox: ReceiptOutbox
  readonly recovery: RecoveryReport
  /** Deletes what has run out: reservations, staged bytes, expired strips. Called at intervals by the node. */
  sweep(): Promise<SweepReport>
  /**
   * Asks the ledger whether it has receipts of this node that this disk forgot (a home restored from an old copy), so that no
   * number is used twice. Called by the node before it takes offers, and now and then afterwards. @returns whether it had.
   *
   * @throws OrlopError `LEDGER_UNREACHABLE`: the node may serve, with numbers far from those it may have given; call it again.
   */
  reconcile(): Promise<boolean>
  /** Stops outbox and relay, waits for work under way, closes files and index. */
  close(): Promise<void>
}
