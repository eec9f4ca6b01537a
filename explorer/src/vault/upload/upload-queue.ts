import { blobSource, type ActionOptions, type ClientEvent } from '@orlop/client-sdk/browser'
import { isOrlopError, OrlopError } from '@orlop/protocol/errors'
import type { VaultClient } from '../client/vault-client.ts'
import {
  isOver,
  isRunning,
  type ChosenFile,
  type UploadItem,
  type UploadSettings,
} from './upload-item.ts'
import { progressOf } from './upload-progress.ts'

/** Files that are sealed and sent at the same time. */
const MAX_RUNNING = 2

type QueueClient = Pick<VaultClient, 'store' | 'resume' | 'await' | 'uploads' | 'abandon'>

/** What runs an item, and what the page does not show of it. */
interface Job {
  /** Null for one that an earlier session sealed. */
  readonly file: ChosenFile | null
  readonly settings: UploadSettings
  stop: AbortController | null
  /** Why it was stopped. */
  wanted: 'pause' | 'cancel' | null
  /** Whether it is being given up: nothing may begin it again. */
  isLeaving: boolean
}

/** Files on their way into the network: a few at a time, each of them to be paused, gone on with and given up. */
export class UploadQueue {
  readonly #client: QueueClient
  readonly #jobs = new Map<string, Job>()
  readonly #listeners = new Set<() => void>()
  #items: readonly UploadItem[] = []
  #isStopped = false

  constructor(client: QueueClient) {
    this.#client = client
  }

  /** Oldest first; another list whenever something changed. */
  get items(): readonly UploadItem[] {
    return this.#items
  }

  get isBusy(): boolean {
    return this.#items.some((item) => isRunning(item) || item.phase === 'waiting')
  }

  /** Whether an upload gets on: one whose link is broken may be tried again for days. */
  get isMoving(): boolean {
    return this.#items.some((item) => isRunning(item) && item.trouble === null)
  }

  /** @returns what ends the listening. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Shows what an earlier session left unfinished. */
  async adopt(): Promise<void> {
    for (const upload of await this.#client.uploads()) {
      const { objectId, name, plainBytes, isSealed, durableBytes, totalBytes } = upload
      if (this.#items.some((item) => item.objectId === objectId)) continue
      const facts = { id: objectId, name, sizeBytes: plainBytes, objectId }
      this.#jobs.set(objectId, newJob(null))
      this.#add({
        ...facts,
        phase: isSealed ? 'interrupted' : 'lost',
        sentBytes: durableBytes,
        totalBytes,
        trouble: null,
        error: null,
      })
    }
  }

  /** Takes files in; they begin as soon as there is room. */
  add(files: readonly ChosenFile[], settings: UploadSettings = {}): void {
    for (const file of files) {
      const id = crypto.randomUUID()
      this.#jobs.set(id, newJob(file, settings))
      this.#add({
        id,
        name: file.name,
        sizeBytes: file.blob.size,
        phase: 'waiting',
        sentBytes: 0,
        totalBytes: null,
        objectId: null,
        trouble: null,
        error: null,
      })
    }
    this.#fill()
  }

  /** Stops sending; what was sealed stays. */
  pause(id: string): void {
    const { item, job } = this.#known(id)
    if (item.phase === 'waiting') this.#change(id, { phase: 'paused' })
    else if (isRunning(item)) this.#halt(job, 'pause')
  }

  /** Goes on with what was paused, interrupted or failed. */
  goOn(id: string): void {
    const { item, job } = this.#known(id)
    if (job.stop !== null || job.isLeaving) return
    if (!['paused', 'interrupted', 'failed'].includes(item.phase)) return
    this.#change(id, { phase: 'waiting', error: null, trouble: null })
    this.#fill()
  }

  /** Gives a file up, and what of it was sealed. What its nodes have been told to keep cannot be given up here. */
  async cancel(id: string): Promise<void> {
    const { item, job } = this.#known(id)
    if (isRunning(item)) this.#halt(job, 'cancel')
    else await this.#giveUp(id)
  }

  /** Takes what is over off the list. */
  async dismiss(id: string): Promise<void> {
    const { item } = this.#known(id)
    if (item.phase === 'done') this.#drop(id)
    else if (isOver(item)) await this.#giveUp(id)
  }

  /** Ends everything without touching what was sealed: the vault is being locked. */
  stop(): void {
    this.#isStopped = true
    for (const { stop } of this.#jobs.values()) stop?.abort()
    this.#jobs.clear()
    this.#items = []
    this.#tell()
  }

  #halt(job: Job, wanted: 'pause' | 'cancel'): void {
    job.wanted = wanted
    job.stop?.abort()
  }

  async #giveUp(id: string): Promise<void> {
    const { item, job } = this.#known(id)
    const { objectId } = item
    if (job.isLeaving) return
    job.isLeaving = true
    try {
      if (objectId !== null) await this.#client.abandon({ objectId })
      this.#drop(id)
    } catch (error) {
      // Nothing of it was kept: so much the better.
      if (isOrlopError(error, 'OBJECT_NOT_FOUND')) this.#drop(id)
      else this.#change(id, { phase: 'failed', error })
    } finally {
      job.isLeaving = false
    }
  }

  /** Begins what waits, as long as there is room. */
  #fill(): void {
    while (!this.#isStopped && this.#items.filter(isRunning).length < MAX_RUNNING) {
      const next = this.#items.find(
        ({ id, phase }) => phase === 'waiting' && this.#jobs.get(id)?.isLeaving === false,
      )
      if (next === undefined) return
      this.#change(next.id, { phase: next.totalBytes === null ? 'asking' : 'sending' })
      void this.#run(next.id)
    }
  }

  async #run(id: string): Promise<void> {
    const { item, job } = this.#known(id)
    const stop = new AbortController()
    job.stop = stop
    job.wanted = null
    const onProgress = (event: ClientEvent) => this.#follow(id, event)
    try {
      await this.#perform(item, job, { signal: stop.signal, onProgress })
      if (!this.#isStopped) this.#change(id, { phase: 'done', trouble: null })
    } catch (error) {
      if (!this.#isStopped) await this.#end(id, job, error)
    } finally {
      job.stop = null
      this.#fill()
    }
  }

  async #perform({ id, objectId }: UploadItem, job: Job, options: ActionOptions): Promise<void> {
    if (job.file !== null) {
      const { name, blob } = job.file
      const source = await blobSource(blob)
      const named = { source, name, requestKey: `vault/${id}`, overrides: job.settings }
      await this.#client.store({ ...named, waitFor: 'recorded' }, options)
      return
    }
    const { failed } = await this.#client.resume({
      ...(objectId === null ? {} : { objectId }),
      ...options,
    })
    const [failure] = failed
    if (failure !== undefined) throw new OrlopError(failure.code, failure.reason)
    if (objectId === null) return
    // Unlike `store` it comes back when every node has signed.
    this.#change(id, { phase: 'recording', trouble: null })
    this.#fill()
    await this.#client.await({ objectId, state: 'recorded' }, options)
  }

  async #end(id: string, job: Job, error: unknown): Promise<void> {
    const isAsked = isOrlopError(error, 'ABORTED') && job.wanted !== null
    if (!isAsked) this.#change(id, { phase: 'failed', error, trouble: null })
    else if (job.wanted === 'pause') this.#change(id, { phase: 'paused', trouble: null })
    else await this.#giveUp(id)
  }

  #follow(id: string, event: ClientEvent): void {
    const item = this.#items.find((one) => one.id === id)
    if (item === undefined) return
    const change = progressOf(item, event)
    if (change === null) return
    this.#change(id, change)
    // What only waits for the ledger makes room for the next.
    if (change.phase === 'recording') this.#fill()
  }

  #known(id: string): { item: UploadItem; job: Job } {
    const item = this.#items.find((one) => one.id === id)
    const job = this.#jobs.get(id)
    if (item !== undefined && job !== undefined) return { item, job }
    throw new RangeError(`id: expected one of the uploads, got ${id}`)
  }

  #add(item: UploadItem): void {
    this.#items = [...this.#items, item]
    this.#tell()
  }

  #change(id: string, change: Partial<UploadItem>): void {
    this.#items = this.#items.map((item) => (item.id === id ? { ...item, ...change } : item))
    this.#tell()
  }

  #drop(id: string): void {
    this.#jobs.delete(id)
    this.#items = this.#items.filter((item) => item.id !== id)
    this.#tell()
  }

  #tell(): void {
    for (const listener of this.#listeners) listener()
  }
}

function newJob(file: ChosenFile | null, settings: UploadSettings = {}): Job {
  return { file, settings, stop: null, wanted: null, isLeaving: false }
}
