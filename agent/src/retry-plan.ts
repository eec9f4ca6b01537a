import type { Clock } from '@orlop/protocol/clock'
import { type Importance, IMPORTANCES } from '@orlop/protocol/data-classes'
import type { SpoolItem } from './spool/spool.ts'

export interface RetryPlanOptions {
  /** First and longest time until an item in state `failed` is tried again; doubles from one to the other. */
  minFailedMs: number
  maxFailedMs: number
}

/**
 * Says who has a turn after failures. What fails for the link's sake goes behind what has not been tried since, so that one file
 * that no node takes does not hold up the others; what failed for good comes again at long intervals. Kept in memory: a restart,
 * after somebody mended the cause, tries everything at once.
 */
export class RetryPlan {
  readonly #clock: Clock
  readonly #options: RetryPlanOptions
  /** Failures that may pass since anything was last stored, by key. */
  readonly #passing = new Map<string, { times: number; importance: Importance }>()
  /** Since the start, by key. */
  readonly #failed = new Map<string, { times: number; dueMs: number }>()

  constructor(clock: Clock, options: RetryPlanOptions) {
    this.#clock = clock
    this.#options = options
  }

  /** For `Spool.next`. */
  rank({ key }: SpoolItem): number | null {
    const failed = this.#failed.get(key)
    if (failed !== undefined && failed.dueMs > this.#clock.monotonicMs()) return null
    return this.#passing.get(key)?.times ?? 0
  }

  notePassingFailure({ key, importance }: SpoolItem): void {
    const times = (this.#passing.get(key)?.times ?? 0) + 1
    this.#passing.set(key, { times, importance })
  }

  noteFailure({ key }: SpoolItem): void {
    const times = (this.#failed.get(key)?.times ?? 0) + 1
    const { minFailedMs, maxFailedMs } = this.#options
    const delayMs = Math.min(minFailedMs * 2 ** (times - 1), maxFailedMs)
    this.#failed.set(key, { times, dueMs: this.#clock.monotonicMs() + delayMs })
  }

  /** Something was stored: the link is there, everybody's turn is as at first. */
  noteSuccess({ key }: SpoolItem): void {
    this.#failed.delete(key)
    this.forgetPassing()
  }

  forgetPassing(): void {
    this.#passing.clear()
  }

  /** Whether something that matters more failed for the link's sake and waits while this has its turn. */
  hasOvertaken({ importance }: SpoolItem): boolean {
    return [...this.#passing.values()].some(
      (passing) => IMPORTANCES[passing.importance] < IMPORTANCES[importance],
    )
  }

  /** How long until the next failed item is due; null when none waits. */
  nextDueMs(): number | null {
    let nextMs: number | null = null
    for (const { dueMs } of this.#failed.values()) nextMs = Math.min(nextMs ?? dueMs, dueMs)
    return nextMs === null ? null : Math.max(0, nextMs - this.#clock.monotonicMs())
  }
}
