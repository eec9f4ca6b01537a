import * as z from 'zod'
import { encodeHex, randomBytes } from '@orlop/crypto/bytes'
import { encodeCbor } from '@orlop/crypto/format/cbor'
import type { Centre } from '../centre.ts'
import { decodeRecord, type RowReader } from '../keys/records.ts'
import { KmcError } from '../kmc-error.ts'

const PLACE = 'claim/backups'
const ID_BYTES = 16
/** Who claimed or renewed so long ago puts no backup in place any more. */
const HELD_MS = 2 * 60_000
/** Whose claim others have seen unchanged for so long is gone; by the difference nothing of it is still to come. */
const ABANDONED_MS = 3 * 60_000

const claimSchema = z.strictObject({
  owner: z.string(),
  /** Another one each time: others see by it that the owner is alive. */
  mark: z.string(),
})

/** A replica's right to write backups, which one replica has at a time. */
export interface BackupClaim {
  /** Holds it for longer. @throws KmcError `CONFLICT` when another has it by now */
  renew(): Promise<void>
  /** @throws KmcError `CONFLICT` when it was renewed too long ago to be sure of it */
  assertHeld(): void
  /** @throws KmcError `CONFLICT` unless the rows have it as this one's */
  assertOnRecord(rows: RowReader): Promise<void>
}

/**
 * Lets one replica of a centre write backups at a time: two that made the same one anew, each without another key, would bring one of
 * the keys back. Clocks of replicas are not compared: each watches by its own whether a claim stands still.
 */
export class BackupClaims {
  readonly #centre: Centre
  readonly #owner = newId()
  #seen: { claim: string; sinceMs: number } | null = null

  constructor(centre: Centre) {
    this.#centre = centre
  }

  /**
   * Works with the claim, one work at a time.
   *
   * @throws KmcError `CONFLICT` while another replica has it, or was killed with it less than three minutes before.
   */
  async hold<T>(work: (claim: BackupClaim) => Promise<T>): Promise<T> {
    const claim = new HeldClaim(this.#centre, this.#owner)
    await claim.take((other) => this.#assertAbandoned(other))
    try {
      return await work(claim)
    } finally {
      // Where the store does not answer, it lapses.
      await claim.release().catch(() => {})
    }
  }

  #assertAbandoned({ owner, mark }: z.infer<typeof claimSchema>): void {
    // Of this very process: the store did not take its release.
    if (owner === this.#owner) return
    const nowMs = this.#centre.clock.monotonicMs()
    if (this.#seen?.claim !== mark) this.#seen = { claim: mark, sinceMs: nowMs }
    if (nowMs - this.#seen.sinceMs < ABANDONED_MS) throw claimed()
  }
}

class HeldClaim implements BackupClaim {
  readonly #centre: Centre
  readonly #owner: string
  #mark = ''
  #sinceMs = 0

  constructor(centre: Centre, owner: string) {
    this.#centre = centre
    this.#owner = owner
  }

  async take(assertFree: (other: z.infer<typeof claimSchema>) => void): Promise<void> {
    await this.#put(async (rows) => {
      const other = await readClaim(rows)
      if (other !== null) assertFree(other)
    })
  }

  renew(): Promise<void> {
    return this.#put((rows) => this.assertOnRecord(rows))
  }

  assertHeld(): void {
    if (this.#centre.clock.monotonicMs() - this.#sinceMs > HELD_MS) throw claimed()
  }

  async assertOnRecord(rows: RowReader): Promise<void> {
    const claim = await readClaim(rows)
    if (claim?.owner !== this.#owner || claim.mark !== this.#mark) throw claimed()
  }

  async release(): Promise<void> {
    await this.#centre.rows.update(async (draft) => {
      await this.assertOnRecord(draft)
      draft.delete(PLACE)
    })
  }

  async #put(check: (rows: RowReader) => Promise<void>): Promise<void> {
    // Before others can see it: they wait from then on.
    const sinceMs = this.#centre.clock.monotonicMs()
    const mark = newId()
    await this.#centre.rows.update(async (draft) => {
      await check(draft)
      draft.put(PLACE, encodeCbor({ owner: this.#owner, mark }))
    })
    this.#mark = mark
    this.#sinceMs = sinceMs
  }
}

const newId = () => encodeHex(randomBytes(ID_BYTES))

async function readClaim(rows: RowReader) {
  const row = await rows.get(PLACE)
  return row === null ? null : decodeRecord(claimSchema, row)
}

function claimed(): KmcError {
  return new KmcError(
    'CONFLICT',
    'Another replica of the centre makes backups, or one was killed while it did. Try again; after three minutes its work is taken over.',
  )
}
