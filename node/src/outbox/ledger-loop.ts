import pLimit from 'p-limit'
import type { Startable } from '@orlop/protocol/lifecycle'
import type { Logger } from '@orlop/protocol/logger'
import type { StorageMetrics } from '../storage/interfaces.ts'
import { Backoff, type BackoffOptions } from './backoff.ts'
import type { Timers } from './timers.ts'
import { type NextStep, WorkLoop } from './work-loop.ts'

export interface LedgerLoopDependencies {
  timers: Timers
  random: () => number
  logger: Logger
  metrics: StorageMetrics
}

export interface LedgerLoopOptions {
  /** Delays while the ledger does not answer. */
  backoff: BackoffOptions
  /** What waits then, for the log. */
  waiting: string
}

const LONGEST_DELAY_MS = 3_600_000

/** Rounds of work with the ledger, one at a time. After one that failed the ledger is left alone, whoever wakes the loop. */
export class LedgerLoop implements Startable {
  readonly #round: () => Promise<number>
  readonly #parts: LedgerLoopDependencies
  readonly #options: LedgerLoopOptions
  readonly #oneAtATime = pLimit(1)
  readonly #backoff: Backoff
  readonly #loop: WorkLoop

  /** @param round - resolves to the ms until there is more to do; `Infinity`: until somebody wakes the loop. */
  constructor(
    round: () => Promise<number>,
    parts: LedgerLoopDependencies,
    options: LedgerLoopOptions,
  ) {
    this.#round = round
    this.#parts = parts
    this.#options = options
    this.#backoff = new Backoff(options.backoff, parts.random)
    this.#loop = new WorkLoop(() => this.inTurn(() => this.#step()), parts.timers)
  }

  start(): Promise<void> {
    return this.#loop.start()
  }

  stop(): Promise<void> {
    return this.#loop.stop()
  }

  wake(): void {
    this.#loop.wake()
  }

  /** Runs a task when no round is under way. */
  inTurn<T>(task: () => Promise<T>): Promise<T> {
    return this.#oneAtATime(task)
  }

  async #step(): Promise<NextStep> {
    try {
      const delayMs = await this.#round()
      this.#backoff.reset()
      return { delayMs: Math.max(1, Math.min(delayMs, LONGEST_DELAY_MS)), mayWake: true }
    } catch (error) {
      const delayMs = this.#backoff.nextMs()
      const { metrics, logger } = this.#parts
      metrics.add('ledger_failures_total', 1)
      logger.warn({ err: error, delayMs }, `${this.#options.waiting} wait for the ledger`)
      return { delayMs, mayWake: false }
    }
  }
}
