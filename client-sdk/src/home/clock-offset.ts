import * as z from 'zod'
import type { Clock } from '@orlop/protocol/clock'
import { type HomeDatabase, RecordTable } from './table.ts'

const offsetRecord = z.strictObject({ offsetMs: z.int() })
const KEY = 'network'

/**
 * The difference between the network's time and this computer's. A ship's clock may be off; it is corrected from the nodes' signed
 * refusals, for Orlop's own request times only: the system clock is never touched.
 */
export class ClockOffset {
  readonly #table: RecordTable<z.infer<typeof offsetRecord>>
  readonly #clock: Clock
  #offsetMs = 0

  private constructor(database: HomeDatabase, clock: Clock) {
    this.#table = new RecordTable(database, { name: 'clock', schema: offsetRecord })
    this.#clock = clock
  }

  /** Reads the offset found in an earlier run. */
  static async open(database: HomeDatabase, clock: Clock): Promise<ClockOffset> {
    const offset = new ClockOffset(database, clock)
    offset.#offsetMs = (await offset.#table.get(KEY))?.offsetMs ?? 0
    return offset
  }

  /** Milliseconds to add to this computer's time. */
  get offsetMs(): number {
    return this.#offsetMs
  }

  /** The network's time as far as known, whole milliseconds since 1970-01-01 UTC. */
  nowMs(): number {
    return Math.trunc(this.#clock.nowMs()) + this.#offsetMs
  }

  /** Takes a node's time as the network's. @param nodeTimeMs - from a refusal whose signature was checked. */
  async correct(nodeTimeMs: number): Promise<void> {
    this.#offsetMs = nodeTimeMs - Math.trunc(this.#clock.nowMs())
    await this.#table.put(KEY, { offsetMs: this.#offsetMs })
  }
}
