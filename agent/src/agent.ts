import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import {
  classify,
  decide,
  type OrlopClient,
  type Policy,
  readSubject,
} from '@orlop/client-sdk/index'
import { type Clock, systemClock } from '@orlop/protocol/clock'
import type { Importance } from '@orlop/protocol/data-classes'
import type { Startable } from '@orlop/protocol/lifecycle'
import type { Logger } from '@orlop/protocol/logger'
import { FolderWatcher } from './folder-watcher.ts'
import type { FoundFile, Spool } from './spool/spool.ts'
import { StatusFile, statusOf } from './status-file.ts'
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
  shareWith: readonly number[]
}

const RETRY = { minRetryMs: 2_000, maxRetryMs: 300_000 }
const TEND_MS = 15_000

/** The ship-board agent: finds finished files, takes them on durably, stores them by importance, follows them to the ledger. */
export class Agent implements Startable {
  readonly #dependencies: Required<AgentDependencies>
  readonly #options: AgentOptions
  readonly #status: StatusFile
  readonly #watcher: FolderWatcher
  readonly #uploader: Uploader
  #tending: NodeJS.Timeout | null = null

  constructor(dependencies: AgentDependencies, options: AgentOptions) {
    this.#dependencies = { clock: systemClock, ...dependencies }
    this.#options = options
    this.#status = new StatusFile(join(options.home, 'status.json'))
    this.#uploader = this.#createUploader()
    this.#watcher = new FolderWatcher(
      { folders: options.watch, settledMs: options.settledMs },
      (file) => this.#take(file),
      (error) => {
        dependencies.logger.warn({ err: error }, 'a file or folder could not be looked at')
      },
    )
  }

  async start(): Promise<void> {
    for (const folder of this.#options.watch) await mkdir(folder, { recursive: true })
    await this.#uploader.start()
    await this.#watcher.start()
    this.#tending ??= setInterval(() => void this.#tend(), TEND_MS)
    await this.#writeStatus()
  }

  async stop(): Promise<void> {
    if (this.#tending !== null) clearInterval(this.#tending)
    this.#tending = null
    await this.#watcher.stop()
    await this.#uploader.stop()
    await this.#writeStatus()
  }

  #createUploader(): Uploader {
    const { client, spool, clock, logger } = this.#dependencies
    const recipientIds = [...this.#options.shareWith]
    return new Uploader(
      {
        spool,
        clock,
        logger,
        storeFile: async (path, signal) => {
          const result = await client.store({ source: { path }, recipientIds }, { signal })
          const { objectId, sealedBytes, wireBytes, ingress } = result
          return { objectId, sealedBytes, wireBytes, ingress }
        },
        awaitRecorded: async (objectId, signal) => {
          await client.await({ objectId, state: 'recorded' }, { signal })
        },
        pause: (durationMs, signal) =>
          delay(durationMs, undefined, { signal }).catch(() => undefined),
        onChange: () => void this.#writeStatus(),
      },
      RETRY,
    )
  }

  async #take(file: FoundFile): Promise<void> {
    const { spool, clock, logger } = this.#dependencies
    const importance = await this.#importanceOf(file)
    if (!(await spool.add(file, importance, clock.nowMs()))) return
    logger.info({ sizeBytes: file.sizeBytes, importance }, 'took a file on')
    this.#uploader.noteArrival(importance)
    await this.#writeStatus()
  }

  async #importanceOf({ path, sizeBytes }: FoundFile): Promise<Importance> {
    const subject = await readSubject(path)
    const found = await classify(subject)
    return decide({ ...subject, ...found, sizeBytes }, this.#dependencies.policy).importance
  }

  /** Ratings that wait go out through the next node; receipts that vanished are seen to. */
  async #tend(): Promise<void> {
    await this.#dependencies.client.tend().catch((error: unknown) => {
      this.#dependencies.logger.debug({ err: error }, 'ratings wait for the link')
    })
  }

  #writeStatus(): Promise<void> {
    const { client, spool, clock, logger } = this.#dependencies
    const ship = { ...this.#options.ship, clientId: client.record?.clientId ?? 0 }
    const facts = () => ({ pid: process.pid, ship, updatedMs: clock.nowMs() })
    return this.#status
      .update(() => statusOf(spool.all(), facts()))
      .catch((error: unknown) => {
        logger.warn({ err: error }, 'the status file could not be written')
      })
  }
}
