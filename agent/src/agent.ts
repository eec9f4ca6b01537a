import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import {
  type ApplicationRequest,
  classify,
  decide,
  isOrlopError,
  type OrlopClient,
  type Policy,
  readSubject,
  type Recipient,
} from '@orlop/client-sdk/index'
import { type Clock, systemClock } from '@orlop/protocol/clock'
import type { Startable } from '@orlop/protocol/lifecycle'
import type { Logger } from '@orlop/protocol/logger'
import { FolderWatcher } from './folder-watcher.ts'
import { isAsFound, lookAtFile } from './found-file.ts'
import { LedgerFollower } from './ledger-follower.ts'
import { RetryPlan } from './retry-plan.ts'
import { pruneSpool } from './spool/prune-spool.ts'
import type { FoundFile, Spool, SpoolItem, StoredFacts, Urgency } from './spool/spool.ts'
import { StatusFile } from './status-file.ts'
import { Uploader } from './uploader.ts'

export interface AgentDependencies {
  /** Registered and admitted; belongs to the caller. */
  client: OrlopClient
  policy: Policy
  spool: Spool
  logger: Logger
  clock?: Clock
}

export interface AgentOptions {
  home: string
  watch: readonly string[]
  settledMs: number
  ship: { name: string; imoNumber: number }
  /** Clients that may open everything this ship stores. */
  shareWith: readonly Recipient[]
  /** An application that may open it, too or alone. */
  application?: ApplicationRequest | undefined
}

const RETRY = { minRetryMs: 2_000, maxRetryMs: 300_000 }
const RETRY_FAILED = { minFailedMs: 600_000, maxFailedMs: 6 * 3_600_000 }
const FOLLOW = { atOnce: 4, turnMs: 60_000, retryMs: 15_000 }
const TEND_MS = 15_000
const PRUNE_MS = 6 * 3_600_000
/** How long, and how many, items are kept whose files are gone. */
const KEPT = { keptMs: 30 * 24 * 3_600_000, maxKept: 100_000 }

/** The ship-board agent: finds finished files, takes them on durably, stores them by importance, follows them to the ledger. */
export class Agent implements Startable {
  readonly #dependencies: Required<AgentDependencies>
  readonly #options: AgentOptions
  readonly #status: StatusFile
  readonly #watcher: FolderWatcher
  readonly #uploader: Uploader
  readonly #follower: LedgerFollower
  #timers: NodeJS.Timeout[] = []
  #pruning: Promise<void> = Promise.resolve()

  constructor(dependencies: AgentDependencies, options: AgentOptions) {
    this.#dependencies = { clock: systemClock, ...dependencies }
    this.#options = options
    this.#status = new StatusFile(join(options.home, 'status.json'))
    this.#follower = this.#createFollower()
    this.#uploader = this.#createUploader()
    this.#watcher = new FolderWatcher(
      { folders: options.watch, settledMs: options.settledMs },
      {
        onFile: (file) => this.#take(file),
        onLink: (path) => {
          dependencies.logger.warn(
            { path },
            'a symbolic link was left alone: links are not followed',
          )
        },
        onFailure: (error) => {
          dependencies.logger.warn({ err: error }, 'a file or folder could not be looked at')
        },
      },
    )
  }

  async start(): Promise<void> {
    for (const folder of this.#options.watch) await mkdir(folder, { recursive: true })
    await this.#uploader.start()
    await this.#watcher.start()
    if (this.#timers.length > 0) return
    this.#timers = [
      setInterval(() => void this.#tend(), TEND_MS),
      setInterval(() => {
        this.#pruning = this.#prune()
      }, PRUNE_MS),
    ]
    this.#pruning = this.#prune()
    await this.#writeStatus()
  }

  async stop(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer)
    this.#timers = []
    await this.#watcher.stop()
    await this.#uploader.stop()
    await this.#follower.stop()
    await this.#pruning
    await this.#writeStatus()
  }

  #createUploader(): Uploader {
    const { spool, clock, logger } = this.#dependencies
    return new Uploader(
      {
        spool,
        clock,
        logger,
        pause,
        retries: new RetryPlan(clock, RETRY_FAILED),
        storeFile: (item, signal) => this.#store(item, signal),
        onStored: ({ key }, { objectId }) => {
          this.#follower.follow(objectId, async () => {
            await spool.update(key, { state: 'recorded', changedMs: clock.nowMs() })
            await this.#writeStatus()
          })
        },
        onChange: () => void this.#writeStatus(),
      },
      RETRY,
    )
  }

  #createFollower(): LedgerFollower {
    const { client, logger } = this.#dependencies
    const awaitRecorded = async (objectId: string, signal: AbortSignal) => {
      await client.await({ objectId, state: 'recorded' }, { signal })
    }
    return new LedgerFollower({ awaitRecorded, logger, pause }, FOLLOW)
  }

  /** The item's key names the request: asked again after a crash, the SDK continues, or finds what it stored. */
  async #store(item: SpoolItem, signal: AbortSignal): Promise<StoredFacts | null> {
    const { path, sizeBytes, modifiedMs, key: requestKey } = item
    const source = { path, expected: { sizeBytes, modifiedMs } }
    const { shareWith: recipients, application } = this.#options
    try {
      const request = {
        ...{ source, requestKey, recipients },
        ...(application === undefined ? {} : { application }),
      }
      const result = await this.#dependencies.client.store(request, { signal })
      const { objectId, sealedBytes, wireBytes, ingress } = result
      return { objectId, sealedBytes, wireBytes, ingress }
    } catch (error) {
      if (!isOrlopError(error, 'FILE_CHANGED') || (await isAsFound(item))) throw error
      const successor = await lookAtFile(path)
      if (successor === null) throw error
      await this.#take(successor)
      return null
    }
  }

  async #take(file: FoundFile): Promise<void> {
    const { spool, clock, logger } = this.#dependencies
    const urgency = await this.#urgencyOf(file)
    if (!(await spool.add(file, urgency, clock.nowMs()))) return
    logger.info({ sizeBytes: file.sizeBytes, ...urgency }, 'took a file on')
    this.#uploader.noteArrival(urgency.importance)
    await this.#writeStatus()
  }

  async #urgencyOf({ path, sizeBytes }: FoundFile): Promise<Urgency> {
    const subject = await readSubject(path)
    const found = await classify(subject)
    const facts = { ...subject, ...found, sizeBytes }
    const { importance, lane } = decide(facts, this.#dependencies.policy)
    return { importance, lane }
  }

  /** Ratings that wait go out through the next node; receipts that vanished are seen to. */
  async #tend(): Promise<void> {
    await this.#dependencies.client.tend().catch((error: unknown) => {
      this.#dependencies.logger.debug({ err: error }, 'ratings wait for the link')
    })
  }

  async #prune(): Promise<void> {
    const { spool, clock, logger } = this.#dependencies
    try {
      const options = { ...KEPT, nowMs: clock.nowMs(), isThere: isAsFound }
      const forgotten = await pruneSpool(spool, options)
      if (forgotten > 0) logger.info({ forgotten }, 'forgot files that are done with and gone')
    } catch (error) {
      logger.warn({ err: error }, 'the spool could not be cleared of old items')
    }
  }

  #writeStatus(): Promise<void> {
    const { client, spool, clock, logger } = this.#dependencies
    const ship = { ...this.#options.ship, clientId: client.record?.clientId ?? 0 }
    return this.#status
      .update(() => ({ pid: process.pid, ship, updatedMs: clock.nowMs(), ...spool.summary() }))
      .catch((error: unknown) => {
        logger.warn({ err: error }, 'the status file could not be written')
      })
  }
}

async function pause(durationMs: number, signal: AbortSignal): Promise<void> {
  await delay(durationMs, undefined, { signal }).catch(() => undefined)
}
