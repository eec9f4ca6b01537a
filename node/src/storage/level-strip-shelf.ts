import { compareBytes } from '@orlop/crypto/bytes'
import type { Clock } from '@orlop/protocol/clock'
import { OrlopError } from '@orlop/protocol/errors'
import type { Logger } from '@orlop/protocol/logger'
import { EVERY_STRIP } from '@orlop/protocol/limits'
import type { SignedExtend, SignedRemove } from '@orlop/protocol/messages/keeping'
import type { Commit, SignedAck, SignedCommit } from '@orlop/protocol/messages/storing'
import type { LevelReceiptOutbox } from '../outbox/level-receipt-outbox.ts'
import type { LevelRelayQueue } from '../outbox/level-relay-queue.ts'
import type { LevelReservationBook } from '../reservations/level-reservation-book.ts'
import type { RoomAccount } from '../reservations/room-account.ts'
import { DamageWatch } from './damage-watch.ts'
import type {
  BlobStore,
  ObjectKey,
  Staging,
  StorageMetrics,
  StripKey,
  StripReader,
  StripShelf,
} from './interfaces.ts'
import { KEY_SPACE, formatObjectKey, formatStripKey } from './key-space.ts'
import type { KeyLocks } from './key-locks.ts'
import type { LevelEnvelopeShelf } from './level-envelope-shelf.ts'
import type { LevelIndex } from './level-index.ts'
import type { ReservationRecord, StripRecord } from './records.ts'
import { stripKeyOf } from './strip-key.ts'
import { describeStrip } from './strip-name.ts'

export interface StripShelfDependencies {
  nodeId: number
  index: LevelIndex
  blobs: BlobStore
  reservations: LevelReservationBook
  envelopes: Pick<LevelEnvelopeShelf, 'dropUnused'>
  room: RoomAccount
  stripLocks: KeyLocks
  clock: Clock
  metrics: StorageMetrics
  logger: Logger
  outbox: Pick<LevelReceiptOutbox, 'add'>
  relay: Pick<LevelRelayQueue, 'changesFor' | 'added' | 'submit'>
}

/** {@link StripShelf} over blob store and index. */
export class LevelStripShelf implements StripShelf {
  readonly #parts: StripShelfDependencies
  readonly #damage: DamageWatch

  constructor(parts: StripShelfDependencies) {
    this.#parts = parts
    this.#damage = new DamageWatch(parts)
  }

  get damagedStrips(): number {
    return this.#damage.count
  }

  async stage(key: StripKey): Promise<Staging> {
    await this.#assertNotRemoved(key)
    const held = await this.#parts.reservations.find(key)
    if (held !== null) return this.#parts.blobs.stage(key, held.maxBytes)
    if ((await this.find(key)) !== null) throw alreadyStored(key)
    throw reservationUnknown(key)
  }

  async assertExpected(key: StripKey): Promise<void> {
    await this.#assertNotRemoved(key)
    const isExpected =
      (await this.#parts.reservations.find(key)) !== null || (await this.find(key)) !== null
    if (!isExpected) throw reservationUnknown(key)
  }

  async durableBytes(key: StripKey): Promise<number> {
    const record = await this.find(key)
    return record?.stripBytes ?? (await this.#parts.blobs.stagedBytes(key)) ?? 0
  }

  find(key: StripKey): Promise<StripRecord | null> {
    return this.#parts.index.get(KEY_SPACE.strips, key)
  }

  ofObject(key: ObjectKey): Promise<StripRecord[]> {
    return this.#parts.index.list(KEY_SPACE.strips, formatObjectKey(key))
  }

  keep(commit: SignedCommit, signAck: (storedAtMs: number) => SignedAck): Promise<StripRecord> {
    const key = stripKeyOf(commit.message)
    return this.#locked(key, async () => {
      await this.#assertNotRemoved(key)
      const record = await this.find(key)
      if (record !== null) return sameCommit(record, commit)
      const held = await this.#parts.reservations.find(key)
      this.#assertReserved(commit.message, held)
      const stripBytes = commit.message.streamBytes
      await this.#parts.blobs.finalize(key, { root: commit.message.root, stripBytes })
      return this.#note(key, held, (storedAtMs) => ({
        commit,
        ack: signAck(storedAtMs),
        stripBytes,
        expirySeconds: commit.message.expiry,
        storedAtMs,
        state: 'stored',
      }))
    })
  }

  async openReader(key: StripKey): Promise<{ record: StripRecord; reader: StripReader }> {
    const record = await this.find(key)
    if (record === null) {
      await this.#assertNotRemoved(key)
      throw new OrlopError(
        'OBJECT_NOT_FOUND',
        `This node does not have ${describeStrip(key)}. The ledger says which nodes do.`,
      )
    }
    const { root } = record.commit.message
    const terms = { root, stripBytes: record.stripBytes }
    const reader = await this.#damage.open(key, this.#parts.blobs.openReader(key, terms))
    return { record, reader }
  }

  async isRemoved(key: StripKey): Promise<boolean> {
    const { index } = this.#parts
    if ((await index.get(KEY_SPACE.tombstones, key)) !== null) return true
    return (await index.get(KEY_SPACE.tombstones, { ...key, index: EVERY_STRIP })) !== null
  }

  async extend(extend: SignedExtend): Promise<number> {
    const { index, relay } = this.#parts
    const { message } = extend
    if (!(await this.#isHere(message))) return 0
    const concerned = await this.#concerned(message)
    for (const key of concerned) {
      await this.#locked(key, async () => {
        const record = await this.find(key)
        if (record === null || record.expirySeconds >= message.expiry) return
        const later = { ...record, expirySeconds: message.expiry }
        await index.write([index.put(KEY_SPACE.strips, key, later)])
      })
    }
    await relay.submit({ extend })
    return concerned.length
  }

  async remove(remove: SignedRemove): Promise<number> {
    const { index, clock, metrics, relay } = this.#parts
    const { message } = remove
    if (!(await this.#isHere(message))) return 0
    const tombstone = { remove, removedAtMs: clock.nowMs() }
    // First the promise never to give the strip out again, then the deletion: a crash in between is finished at the next start.
    await index.write([
      index.put(KEY_SPACE.tombstones, message, tombstone),
      ...(await relay.changesFor({ remove })),
    ])
    relay.added({ remove })
    const concerned = await this.#concerned(message)
    for (const key of concerned) await this.drop(key, () => Promise.resolve(true))
    for (const held of await this.#reserved(message)) await this.#parts.reservations.release(held)
    metrics.add('strips_removed_total', concerned.length)
    return concerned.length
  }

  /** Deletes a strip, entry first, if `isOver` says so when nobody else works on it. @returns whether it did. */
  async drop(key: StripKey, isOver: (record: StripRecord) => Promise<boolean>): Promise<boolean> {
    const { index, blobs, room, envelopes } = this.#parts
    return this.#locked(key, async () => {
      const record = await this.find(key)
      if (record === null || !(await isOver(record))) return false
      await index.write([index.drop(KEY_SPACE.strips, key), index.drop(KEY_SPACE.spreads, key)])
      room.addStored(-record.stripBytes)
      await blobs.delete(key)
      this.#damage.forget(key)
      await envelopes.dropUnused(key)
      return true
    })
  }

  /** Writes what must be true together: stored, reservation used up, receipt in the outbox. */
  async #note(
    key: StripKey,
    held: ReservationRecord,
    recordAt: (storedAtMs: number) => StripRecord,
  ): Promise<StripRecord> {
    const { index, reservations, room, clock, metrics } = this.#parts
    const record = recordAt(clock.nowMs())
    const { commit, storedAtMs } = record
    await reservations.consume(key, held, [
      index.put(KEY_SPACE.strips, key, record),
      index.put(KEY_SPACE.outbox, held.sequence, { commit, addedAtMs: storedAtMs }),
    ])
    room.addStored(record.stripBytes)
    metrics.add('strips_stored_total', 1)
    this.#parts.outbox.add(held.sequence, storedAtMs)
    return record
  }

  #assertReserved(
    commit: Commit,
    held: ReservationRecord | null,
  ): asserts held is ReservationRecord {
    const key = stripKeyOf(commit)
    if (held === null || held.sequence !== commit.sequence) throw reservationUnknown(key)
    if (commit.nodeId !== this.#parts.nodeId || commit.k !== 1) {
      throw new OrlopError(
        'COMMIT_INVALID',
        `The commit of ${describeStrip(key)} names node ${String(commit.nodeId)} and k = ${String(commit.k)}, ` +
          `expected node ${String(this.#parts.nodeId)} and k = 1. Sign it as the reservation says.`,
      )
    }
  }

  /**
   * Whether a strip or a reservation of the object is here. What concerns other objects leaves nothing behind: tombstones stay and
   * queued messages cost transactions, so nobody gets them for names made up on the spot.
   */
  async #isHere(key: ObjectKey): Promise<boolean> {
    const { index } = this.#parts
    const beginning = formatObjectKey(key)
    if ((await index.list(KEY_SPACE.strips, beginning)).length > 0) return true
    return (await index.list(KEY_SPACE.reservations, beginning)).length > 0
  }

  /** Keys of this node's strips that a message with an index, or 255, is about. */
  async #concerned(message: StripKey): Promise<StripKey[]> {
    const records = await this.ofObject(message)
    return records
      .map(({ commit }) => stripKeyOf(commit.message))
      .filter((key) => covers(message, key))
  }

  async #reserved(message: StripKey): Promise<StripKey[]> {
    const beginning = formatObjectKey(message)
    const held = await this.#parts.index.list(KEY_SPACE.reservations, beginning)
    return held
      .map(({ offer, index }) => stripKeyOf({ ...offer.message, index }))
      .filter((key) => covers(message, key))
  }

  async #assertNotRemoved(key: StripKey): Promise<void> {
    if (!(await this.isRemoved(key))) return
    throw new OrlopError(
      'OBJECT_REMOVED',
      `${describeStrip(key)} was removed by its client. Store its content as a new object.`,
    )
  }

  #locked<T>(key: StripKey, task: () => Promise<T>): Promise<T> {
    return this.#parts.stripLocks.run(formatStripKey(key), task)
  }
}

function covers(message: StripKey, key: StripKey): boolean {
  return message.index === EVERY_STRIP || message.index === key.index
}

/** The record when the commit is the one it holds. */
function sameCommit(record: StripRecord, commit: SignedCommit): StripRecord {
  const held = record.commit.message
  const isSame =
    held.sequence === commit.message.sequence &&
    compareBytes(held.root, commit.message.root) === 0 &&
    compareBytes(held.headerHash, commit.message.headerHash) === 0
  if (!isSame) throw alreadyStored(stripKeyOf(held))
  return record
}

function alreadyStored(key: StripKey): OrlopError {
  return new OrlopError(
    'ALREADY_EXISTS',
    `${describeStrip(key)} is stored here under an earlier commit. Ask for its status instead of sending it again.`,
  )
}

function reservationUnknown(key: StripKey): OrlopError {
  return new OrlopError(
    'RESERVATION_UNKNOWN',
    `This node holds no such reservation for ${describeStrip(key)}; it may have run out. Make a new offer.`,
  )
}
