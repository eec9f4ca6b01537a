import pLimit from 'p-limit'
import type { Clock } from '@orlop/protocol/clock'
import { EVERY_STRIP, MAX_RESERVATIONS_PER_CLIENT } from '@orlop/protocol/limits'
import type { BlobStore, StripKey } from '../storage/interfaces.ts'
import { KEY_SPACE, formatStripKey } from '../storage/key-space.ts'
import type { KeyLocks } from '../storage/key-locks.ts'
import type { LevelEnvelopeShelf } from '../storage/level-envelope-shelf.ts'
import type { IndexChange, LevelIndex } from '../storage/level-index.ts'
import type { ReservationRecord } from '../storage/records.ts'
import { stripKeyOf } from '../storage/strip-key.ts'
import { type OfferFacts, decide } from './decide.ts'
import type { ReservationBook, ReserveOutcome, ReserveRequest } from './reservation-book.ts'
import type { RoomAccount } from './room-account.ts'

export interface ReservationOptions {
  /** How long room and number are kept while no byte arrives; every repeated offer begins it anew. Default 24 h. */
  holdMs?: number
  /** Largest strip this node takes; default: no bound but the room. */
  maxStripBytes?: number
  /** Default `MAX_RESERVATIONS_PER_CLIENT`. */
  maxReservationsPerClient?: number
}

export interface ReservationDependencies {
  index: LevelIndex
  blobs: BlobStore
  room: RoomAccount
  envelopes: Pick<LevelEnvelopeShelf, 'dropUnused'>
  /** Shared by everything that changes a strip. */
  stripLocks: KeyLocks
  clock: Clock
}

const DEFAULT_HOLD_MS = 24 * 3_600_000

/** {@link ReservationBook} in the node's index. One change at a time, so that a number is never given twice. */
export class LevelReservationBook implements ReservationBook {
  readonly #parts: ReservationDependencies
  readonly #options: Required<ReservationOptions>
  readonly #inOrder = pLimit(1)

  constructor(parts: ReservationDependencies, options: ReservationOptions = {}) {
    this.#parts = parts
    this.#options = {
      holdMs: options.holdMs ?? DEFAULT_HOLD_MS,
      maxStripBytes: options.maxStripBytes ?? Number.MAX_SAFE_INTEGER,
      maxReservationsPerClient: options.maxReservationsPerClient ?? MAX_RESERVATIONS_PER_CLIENT,
    }
  }

  get open(): number {
    return this.#parts.room.open
  }

  async freeBytes(): Promise<number> {
    return this.#parts.room.freeBytes(await this.#parts.blobs.freeBytes())
  }

  reserve(request: ReserveRequest): Promise<ReserveOutcome> {
    return this.#inOrder(async () => {
      const key = stripKeyOf({ ...request.offer.message, index: request.index })
      const held = await this.find(key)
      const decision = decide(await this.#facts(request, key, held))
      if (!decision.accepted) return decision
      return { accepted: true, reservation: await this.#hold(request, key, held) }
    })
  }

  find(key: StripKey): Promise<ReservationRecord | null> {
    return this.#parts.index.get(KEY_SPACE.reservations, key)
  }

  release(key: StripKey): Promise<boolean> {
    return this.#parts.stripLocks.run(formatStripKey(key), () => this.#giveBack(key))
  }

  /** Gives a reservation back if `isOver` still says so when nobody else works on the strip. */
  async expire(key: StripKey, isOver: (held: ReservationRecord) => Promise<boolean>) {
    return this.#parts.stripLocks.run(formatStripKey(key), async () => {
      const held = await this.find(key)
      return held !== null && (await isOver(held)) ? this.#giveBack(key) : false
    })
  }

  /**
   * Uses a reservation up: its number is never given again. `changes` are made together with that.
   * Only under the strip's lock.
   */
  consume(key: StripKey, held: ReservationRecord, changes: IndexChange[]): Promise<void> {
    const { index, room } = this.#parts
    return this.#inOrder(async () => {
      await index.write([index.drop(KEY_SPACE.reservations, key), ...changes])
      room.dropReservation(key.clientId, held.maxBytes)
    })
  }

  /** Lowest number never given out. */
  async nextSequence(): Promise<number> {
    return (await this.#parts.index.get(KEY_SPACE.counters, 'next-sequence')) ?? 0
  }

  /** Never gives a number below `sequence` again: the ledger has them from a life of this node that its disk forgot. */
  startFrom(sequence: number): Promise<void> {
    const { index } = this.#parts
    return this.#inOrder(async () => {
      if (sequence <= (await this.nextSequence())) return
      const changes = [index.put(KEY_SPACE.counters, 'next-sequence', sequence)]
      for await (const free of index.values(KEY_SPACE.freeSequences)) {
        changes.push(index.drop(KEY_SPACE.freeSequences, free))
      }
      await index.write(changes)
    })
  }

  /** Numbers that have been given out or back and that no receipt has used. */
  async unusedSequences(): Promise<Set<number>> {
    const { index } = this.#parts
    const unused = new Set(await index.list(KEY_SPACE.freeSequences))
    for await (const { sequence } of index.values(KEY_SPACE.reservations)) unused.add(sequence)
    return unused
  }

  /** Gives every open reservation back. */
  async releaseAll(): Promise<void> {
    for (const { offer, index } of await this.#parts.index.list(KEY_SPACE.reservations)) {
      await this.release(stripKeyOf({ ...offer.message, index }))
    }
  }

  /** What {@link noteLedger} was given last; zeros before the first. */
  async notedLedger(): Promise<{ blockNumber: number; seenMs: number }> {
    const { index } = this.#parts
    return {
      blockNumber: (await index.get(KEY_SPACE.counters, 'noted-block')) ?? 0,
      seenMs: (await index.get(KEY_SPACE.counters, 'noted-seen-ms')) ?? 0,
    }
  }

  /** This home is the node's newest as of this block, and of the last time the ledger saw the node. */
  noteLedger({ blockNumber, seenMs }: { blockNumber: number; seenMs: number }): Promise<void> {
    const { index } = this.#parts
    return index.write([
      index.put(KEY_SPACE.counters, 'noted-block', blockNumber),
      index.put(KEY_SPACE.counters, 'noted-seen-ms', seenMs),
    ])
  }

  async #facts(
    request: ReserveRequest,
    key: StripKey,
    held: ReservationRecord | null,
  ): Promise<OfferFacts> {
    return {
      parties: request.parties,
      offer: request.offer.message,
      index: request.index,
      nowMs: this.#parts.clock.nowMs(),
      here: await this.#here(key, held),
      heldBytes: held?.maxBytes ?? 0,
      openReservationsOfClient: this.#parts.room.openOf(key.clientId),
      freeBytes: await this.freeBytes(),
      limits: this.#options,
    }
  }

  async #here(key: StripKey, held: ReservationRecord | null): Promise<OfferFacts['here']> {
    const { index } = this.#parts
    const everyStrip = { ...key, index: EVERY_STRIP }
    if ((await index.get(KEY_SPACE.tombstones, key)) !== null) return 'removed'
    if ((await index.get(KEY_SPACE.tombstones, everyStrip)) !== null) return 'removed'
    if ((await index.get(KEY_SPACE.strips, key)) !== null) return 'stored'
    return held === null ? 'nothing' : 'reserved'
  }

  async #hold(
    request: ReserveRequest,
    key: StripKey,
    held: ReservationRecord | null,
  ): Promise<ReservationRecord> {
    const { index, room, clock } = this.#parts
    const { sequence, changes } =
      held === null ? await this.#lowestNumber() : { ...held, changes: [] }
    const record: ReservationRecord = {
      offer: request.offer,
      index: request.index,
      sequence,
      maxBytes: Math.max(request.offer.message.maxBytes, held?.maxBytes ?? 0),
      heldUntilMs: clock.nowMs() + this.#options.holdMs,
    }
    await index.write([index.put(KEY_SPACE.reservations, key, record), ...changes])
    if (held !== null) room.dropReservation(key.clientId, held.maxBytes)
    room.addReservation(key.clientId, record.maxBytes)
    return record
  }

  /** A number that was given back, the lowest one, or else a new one: a dense bitmap costs the ledger a third (formats 7). */
  async #lowestNumber(): Promise<{ sequence: number; changes: IndexChange[] }> {
    const { index } = this.#parts
    const free = await index.first(KEY_SPACE.freeSequences)
    if (free !== null) {
      return { sequence: free, changes: [index.drop(KEY_SPACE.freeSequences, free)] }
    }
    const next = await this.nextSequence()
    return { sequence: next, changes: [index.put(KEY_SPACE.counters, 'next-sequence', next + 1)] }
  }

  async #giveBack(key: StripKey): Promise<boolean> {
    const { index, room, blobs, envelopes } = this.#parts
    if ((await this.find(key)) === null) return false
    // Bytes first: a crash in between leaves a reservation without bytes, which is an ordinary one.
    await blobs.discard(key)
    const isGiven = await this.#inOrder(async () => {
      const held = await this.find(key)
      if (held === null) return false
      await index.write([
        index.drop(KEY_SPACE.reservations, key),
        index.put(KEY_SPACE.freeSequences, held.sequence, held.sequence),
      ])
      room.dropReservation(key.clientId, held.maxBytes)
      return true
    })
    await envelopes.dropUnused(key)
    return isGiven
  }
}
