import type { Clock } from '@orlop/protocol/clock'
import type { SignedAck, SignedCommit, SignedOffer } from '@orlop/protocol/messages/storing'
import type { ObjectKey, SpreadJobs, StripKey } from './interfaces.ts'
import { KEY_SPACE, formatObjectKey, formatStripKey } from './key-space.ts'
import { KeyLocks } from './key-locks.ts'
import type { LevelIndex } from './level-index.ts'
import type { SpreadRecord } from './records.ts'
import { without } from './without.ts'

/** {@link SpreadJobs} in the node's index. */
export class LevelSpreadJobs implements SpreadJobs {
  readonly #index: LevelIndex
  readonly #clock: Clock
  readonly #locks = new KeyLocks()

  constructor(index: LevelIndex, clock: Clock) {
    this.#index = index
    this.#clock = clock
  }

  async put(commits: SignedCommit[], offer?: SignedOffer): Promise<void> {
    const addedAtMs = this.#clock.nowMs()
    const shown = offer === undefined ? {} : { offer }
    const records = commits.map((commit) => ({
      commit,
      ...shown,
      addedAtMs,
      attempts: 0,
      nextAttemptMs: 0,
    }))
    await this.#index.write(
      records.map((record) => this.#index.put(KEY_SPACE.spreads, record.commit.message, record)),
    )
  }

  acknowledge(key: StripKey, ack: SignedAck): Promise<void> {
    return this.#change(key, (job) => ({ ...without(job, 'problem'), ack }))
  }

  postpone(key: StripKey, attempt: { nextAttemptMs: number; problem: string }): Promise<void> {
    return this.#change(key, (job) => ({
      ...job,
      attempts: job.attempts + 1,
      nextAttemptMs: attempt.nextAttemptMs,
      problem: attempt.problem.slice(0, 500),
    }))
  }

  ofObject(key: ObjectKey): Promise<SpreadRecord[]> {
    return this.#index.list(KEY_SPACE.spreads, formatObjectKey(key))
  }

  async pending(): Promise<SpreadRecord[]> {
    const jobs = await this.#index.list(KEY_SPACE.spreads)
    return jobs
      .filter((job) => job.ack === undefined)
      .sort((left, right) => left.addedAtMs - right.addedAtMs)
  }

  #change(key: StripKey, change: (job: SpreadRecord) => SpreadRecord): Promise<void> {
    return this.#locks.run(formatStripKey(key), async () => {
      const job = await this.#index.get(KEY_SPACE.spreads, key)
      if (job === null) return
      await this.#index.write([this.#index.put(KEY_SPACE.spreads, key, change(job))])
    })
  }
}
