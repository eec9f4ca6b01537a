import { isOrlopError, OrlopError } from '@orlop/protocol/errors'
import type { Clock } from '@orlop/protocol/clock'
import type { Startable } from '@orlop/protocol/lifecycle'
import type { Logger } from '@orlop/protocol/logger'
import type { SignedAck, SignedCommit, SignedOffer } from '@orlop/protocol/messages/storing'
import { Backoff } from '../outbox/backoff.ts'
import { Listeners } from '../outbox/listeners.ts'
import type { Timers } from '../outbox/timers.ts'
import { WorkLoop } from '../outbox/work-loop.ts'
import type { NodeStorage, StripKey } from '../storage/interfaces.ts'
import { formatStripName } from '../storage/strip-name.ts'
import type { StripSender } from './strip-sender.ts'

/** What became of an attempt to bring a strip to its node. */
export type SpreadEvent =
  | { kind: 'acked'; commit: SignedCommit; ack: SignedAck }
  | { kind: 'failed'; commit: SignedCommit; attempts: number; error: OrlopError }

export interface SpreaderParts {
  storage: Pick<NodeStorage, 'spreads' | 'strips'>
  sender: Pick<StripSender, 'send'>
  clock: Clock
  timers: Timers
  /** Evenly spread over 0 (included) to 1. */
  random: () => number
  logger: Logger
}

export interface SpreaderOptions {
  /** Strips under way at a time; default 8. */
  maxParallel?: number
  /** First and longest delay after failures; default 0.3 s and 5 min. */
  backoff?: { startMs: number; ceilingMs: number }
}

interface Job {
  commit: SignedCommit
  attempts: number
  nextAttemptMs: number
  running: boolean
}

const IDLE_MS = 60_000

/** Brings committed strips to their other nodes, in the background, until each has acknowledged: also after restarts. */
export class Spreader implements Startable {
  readonly #parts: SpreaderParts
  readonly #maxParallel: number
  readonly #backoff: Backoff
  readonly #jobs = new Map<string, Job>()
  readonly #listeners = new Listeners<SpreadEvent>()
  readonly #loop: WorkLoop
  readonly #underWay = new Set<Promise<void>>()
  #stopping = new AbortController()

  constructor(parts: SpreaderParts, options: SpreaderOptions = {}) {
    const { maxParallel = 8, backoff = { startMs: 300, ceilingMs: 300_000 } } = options
    this.#parts = parts
    this.#maxParallel = maxParallel
    this.#backoff = new Backoff(backoff, parts.random)
    this.#loop = new WorkLoop(
      () => Promise.resolve({ delayMs: this.#pump(), mayWake: true }),
      parts.timers,
    )
  }

  /** Strips that have not arrived yet. */
  get waiting(): number {
    return this.#jobs.size
  }

  async start(): Promise<void> {
    this.#stopping = new AbortController()
    for (const { commit, attempts, nextAttemptMs } of await this.#parts.storage.spreads.pending()) {
      this.#jobs.set(nameOf(commit), { commit, attempts, nextAttemptMs, running: false })
    }
    await this.#loop.start()
  }

  async stop(): Promise<void> {
    this.#stopping.abort(new OrlopError('ABORTED', 'The node stops.'))
    await this.#loop.stop()
    await Promise.all(this.#underWay)
    this.#jobs.clear()
  }

  /** Takes strips over, durably. A strip that is signed for another node now replaces what was to be done for it. */
  async add(commits: SignedCommit[], offer?: SignedOffer): Promise<void> {
    if (commits.length === 0) return
    await this.#parts.storage.spreads.put(commits, offer)
    for (const commit of commits) {
      this.#jobs.set(nameOf(commit), { commit, attempts: 0, nextAttemptMs: 0, running: false })
    }
    this.#loop.wake()
  }

  /** Tries these strips again now, whatever delay they are in: their client asks. */
  hurry(keys: readonly StripKey[]): void {
    for (const key of keys) {
      const job = this.#jobs.get(formatStripName(key))
      if (job !== undefined) job.nextAttemptMs = 0
    }
    this.#loop.wake()
  }

  /** @returns what ends the subscription. */
  subscribe(listener: (event: SpreadEvent) => void): () => void {
    return this.#listeners.add(listener)
  }

  /** Begins what is due. @returns milliseconds until something else is. */
  #pump(): number {
    const nowMs = this.#parts.clock.nowMs()
    let nextMs = IDLE_MS
    for (const job of this.#jobs.values()) {
      if (job.running || this.#stopping.signal.aborted) continue
      const delayMs = job.nextAttemptMs - nowMs
      if (delayMs > 0) nextMs = Math.min(nextMs, delayMs)
      else if (this.#underWay.size < this.#maxParallel) this.#begin(job)
    }
    return nextMs
  }

  #begin(job: Job): void {
    job.running = true
    const work = this.#run(job).finally(() => {
      job.running = false
      this.#underWay.delete(work)
      this.#loop.wake()
    })
    this.#underWay.add(work)
  }

  async #run(job: Job): Promise<void> {
    const { commit } = job
    const { storage, sender, logger } = this.#parts
    try {
      if (await this.#isOver(commit)) {
        this.#forget(job)
        return
      }
      const ack = await sender.send(commit, { signal: this.#stopping.signal })
      // The client may have signed for another node meanwhile: that job stays.
      if (this.#jobs.get(nameOf(commit)) === job) {
        await storage.spreads.acknowledge(commit.message, ack)
        this.#forget(job)
      }
      this.#listeners.emit({ kind: 'acked', commit, ack })
    } catch (cause) {
      const error = asOrlopError(cause)
      if (this.#stopping.signal.aborted) return
      logger.warn(
        { strip: nameOf(commit), nodeId: commit.message.nodeId, err: error },
        'not spread',
      )
      await this.#postpone(job, error)
    }
  }

  async #postpone(job: Job, error: OrlopError): Promise<void> {
    const { clock, storage } = this.#parts
    job.attempts += 1
    job.nextAttemptMs = clock.nowMs() + this.#backoff.delayMs(job.attempts)
    const { commit, attempts, nextAttemptMs } = job
    if (this.#jobs.get(nameOf(commit)) === job) {
      await storage.spreads
        .postpone(commit.message, { nextAttemptMs, problem: error.message })
        .catch((cause: unknown) => {
          this.#parts.logger.error({ err: cause }, 'a failed spread could not be noted')
        })
    }
    this.#listeners.emit({ kind: 'failed', commit, attempts, error })
  }

  /** Whether nobody wants the strip there any more. */
  async #isOver(commit: SignedCommit): Promise<boolean> {
    if (commit.message.expiry * 1000 <= this.#parts.clock.nowMs()) return true
    return this.#parts.storage.strips.isRemoved(commit.message)
  }

  #forget(job: Job): void {
    const name = nameOf(job.commit)
    if (this.#jobs.get(name) === job) this.#jobs.delete(name)
  }
}

function nameOf({ message }: SignedCommit): string {
  return formatStripName(message)
}

function asOrlopError(cause: unknown): OrlopError {
  if (isOrlopError(cause)) return cause
  return new OrlopError('INTERNAL', 'Spreading a strip failed. The log has the cause.', { cause })
}
