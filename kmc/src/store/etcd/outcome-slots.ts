import { encodeHex, encodeUtf8, randomBytes } from '@orlop/crypto/bytes'
import type { Clock } from '@orlop/protocol/clock'
import { leaseAnswer } from './answers.ts'
import type { EtcdConnection } from './etcd-connection.ts'
import { ETCD } from './services.ts'

const LEASE_SECONDS = 60 * 60
const ID_BYTES = 12

/**
 * A row that only one transaction at a time writes, with everything else that it writes. A transaction that was sent again because its
 * answer was lost is refused by it when it was carried out the first time, and finds in it at which revision; and when it is carried out
 * the second time, the first can come no more.
 */
export interface OutcomeSlot {
  readonly key: Uint8Array
  /** The revision of the last transaction with this slot; 0 when there was none. */
  readonly revision: number
  /** The lease with which etcd removes the row, long after its last use. */
  readonly leaseId: string
}

interface Lease {
  readonly id: Promise<string>
  readonly madeMs: number
  readonly madeMonotonicMs: number
}

/** The slots of one process. */
export class OutcomeSlots {
  readonly #connection: EtcdConnection
  readonly #prefix: string
  readonly #clock: Clock
  #free: OutcomeSlot[] = []
  #lease: Lease | null = null

  constructor(connection: EtcdConnection, prefix: string, clock: Clock) {
    this.#connection = connection
    this.#prefix = prefix
    this.#clock = clock
  }

  /** A slot that nobody else has; new when none is free. @throws as {@link EtcdConnection.call}. */
  async take(): Promise<OutcomeSlot> {
    const leaseId = await this.#leaseId()
    for (;;) {
      const slot = this.#free.pop()
      // A row under an older lease may be gone when it is needed.
      if (slot?.leaseId === leaseId) return slot
      if (slot !== undefined) continue
      const key = encodeUtf8(this.#prefix + encodeHex(randomBytes(ID_BYTES)))
      return { key, revision: 0, leaseId }
    }
  }

  /** Gives a slot back after a transaction whose outcome is known. */
  give(slot: OutcomeSlot, revision: number): void {
    this.#free.push({ ...slot, revision })
  }

  /** Takes the next slots under a new lease: this one is gone, as after a long sleep of the machine. */
  forgetLease(): void {
    this.#lease = null
    this.#free = []
  }

  #leaseId(): Promise<string> {
    if (this.#lease === null || this.#ageMs(this.#lease) > (LEASE_SECONDS * 1000) / 2) {
      const id = this.#grant()
      id.catch(() => this.forgetLease())
      this.#lease = { id, madeMs: this.#clock.nowMs(), madeMonotonicMs: this.#clock.monotonicMs() }
    }
    return this.#lease.id
  }

  /** By whichever clock ran further: one may stand while the machine sleeps. */
  #ageMs({ madeMs, madeMonotonicMs }: Lease): number {
    const clock = this.#clock
    return Math.max(clock.nowMs() - madeMs, clock.monotonicMs() - madeMonotonicMs)
  }

  async #grant(): Promise<string> {
    const request = { TTL: LEASE_SECONDS }
    const { ID } = await this.#connection.call(ETCD.leaseGrant, request, leaseAnswer)
    return ID
  }
}
