import * as z from 'zod'
import type { Clock } from '@orlop/protocol/clock'
import { OrlopError } from '@orlop/protocol/errors'
import { REQUEST_LEASE_MS } from '@orlop/protocol/limits'
import { type HomeDatabase, RecordTable } from './table.ts'

const leaseRecord = z.strictObject({
  nodeId: z.int().positive(),
  startedWallMs: z.int(),
  startedMonotonicMs: z.number(),
  /** Which run of the program wrote it: the monotonic clock's origin is another in each. */
  run: z.string(),
})
type LeaseRecord = z.infer<typeof leaseRecord>

/** The node an object has been offered to, and for how long no other may be asked. */
export interface Lease {
  readonly nodeId: number
  readonly remainingMs: number
}

/**
 * Request leases (formats.md 7): for one object, 60 s after an offer was delivered no other node may be asked. Within one run of
 * the program the monotonic clock counts; after a restart the wall clock does, and a lease never lasts longer than 60 s from then.
 */
export class LeaseStore {
  readonly #table: RecordTable<LeaseRecord>
  readonly #clock: Clock
  readonly #run: string
  readonly #openedMonotonicMs: number
  readonly #openedWallMs: number

  /** @param run - a text that is different in every run of the program. */
  constructor(database: HomeDatabase, clock: Clock, run: string) {
    this.#table = new RecordTable(database, { name: 'lease', schema: leaseRecord })
    this.#clock = clock
    this.#run = run
    this.#openedMonotonicMs = clock.monotonicMs()
    this.#openedWallMs = clock.nowMs()
  }

  /** The lease of an object that still runs; null when any node may be asked. */
  async current(objectName: string): Promise<Lease | null> {
    const record = await this.#table.get(objectName)
    if (record === null) return null
    const remainingMs = this.#remainingMs(record)
    return remainingMs > 0 ? { nodeId: record.nodeId, remainingMs } : null
  }

  /**
   * Starts the lease. Call it just before the first byte of the offer is written, so that a crash in between errs on the safe side.
   *
   * @throws OrlopError `LEASE_HELD` when the object's lease is with another node.
   */
  async start(objectName: string, nodeId: number): Promise<void> {
    const held = await this.current(objectName)
    if (held !== null && held.nodeId !== nodeId) {
      throw new OrlopError(
        'LEASE_HELD',
        `${objectName} was offered to node ${held.nodeId}, which has ${Math.ceil(held.remainingMs / 1000)} s left to answer. Wait before asking another node.`,
        { details: { nodeId: held.nodeId, remainingMs: held.remainingMs } },
      )
    }
    await this.#table.put(objectName, {
      nodeId,
      startedWallMs: Math.trunc(this.#clock.nowMs()),
      startedMonotonicMs: this.#clock.monotonicMs(),
      run: this.#run,
    })
  }

  /** Ends the lease: the node refused, the dial failed before anything was delivered, or the object is stored. */
  async end(objectName: string): Promise<void> {
    await this.#table.delete(objectName)
  }

  #remainingMs(record: LeaseRecord): number {
    const nowMs = this.#clock.monotonicMs()
    if (record.run === this.#run) return REQUEST_LEASE_MS - (nowMs - record.startedMonotonicMs)
    // What had passed by the wall clock when this run began; a clock that was set back counts as nothing passed.
    const elapsedMs = Math.max(0, this.#openedWallMs - record.startedWallMs)
    return REQUEST_LEASE_MS - elapsedMs - (nowMs - this.#openedMonotonicMs)
  }
}
