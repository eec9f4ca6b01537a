import type { Clock } from '@orlop/protocol/clock'
import type { Application } from '../keys/records.ts'
import { KmcError } from '../kmc-error.ts'

const MINUTE_MS = 60_000
const DEFAULT_PER_MINUTE = 600

interface Count {
  readonly startMs: number
  operations: number
}

/** Counts operations of applications, each minute anew, in this process. */
export class OperationQuotas {
  readonly #clock: Clock
  readonly #counts = new Map<string, Count>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** @throws KmcError `QUOTA_EXCEEDED` when the application has had its operations of this minute */
  count({ appId, policy }: Pick<Application, 'appId' | 'policy'>): void {
    const nowMs = this.#clock.monotonicMs()
    const limit = policy.maxOperationsPerMinute ?? DEFAULT_PER_MINUTE
    const known = this.#counts.get(appId)
    const isNew = known === undefined || nowMs - known.startMs >= MINUTE_MS
    const count = isNew ? { startMs: nowMs, operations: 0 } : known
    this.#counts.set(appId, count)
    if (count.operations >= limit) {
      throw new KmcError(
        'QUOTA_EXCEEDED',
        `The application '${appId}' has had its ${limit} operations of this minute. Wait, or raise its quota.`,
        { details: { appId, limit } },
      )
    }
    count.operations += 1
  }
}
