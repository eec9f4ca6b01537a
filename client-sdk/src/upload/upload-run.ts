import pRetry, { AbortError } from 'p-retry'
import { OrlopError, throwIfAborted } from '@orlop/protocol/errors'
import { formatObjectId } from '@orlop/protocol/ids'
import type { NodeRecord } from '@orlop/protocol/ledger-records'
import { signalOf } from '../action-options.ts'
import type { ClientContext } from '../context.ts'
import { commitStrips } from './commit-strips.ts'
import { openPlacement } from './open-placement.ts'
import { SealingTask, type SealingTaskRequest } from './sealing-task.ts'
import { checkSentStream, sendStream } from './send-stream.ts'
import { UploadMender } from './upload-mender.ts'
import { UploadProgress } from './upload-progress.ts'
import { hasReached, type UploadRecord } from './upload-record.ts'

/** The spool is empty where the object is not sealed yet; the source is not opened for one that was sealed before. */
export interface UploadRunRequest extends SealingTaskRequest {
  readonly record: UploadRecord
  readonly signal?: AbortSignal
}

/**
 * Takes one upload from wherever it stands to *stored*: choose, offer, seal, send, commit. It goes on over broken links and node
 * restarts, without end unless the signal says so, and keeps every step on disk.
 */
export class UploadRun {
  readonly #context: ClientContext
  readonly #request: UploadRunRequest
  readonly #progress: UploadProgress
  readonly #sealing: SealingTask
  readonly #mender: UploadMender
  #attempt = 0

  constructor(context: ClientContext, request: UploadRunRequest) {
    this.#context = context
    this.#request = request
    this.#progress = new UploadProgress(context, request.record)
    this.#sealing = new SealingTask(context, this.#progress, request)
    this.#mender = new UploadMender(context, this.#progress, {
      placeWithout: (absentNodeId) => this.#place(absentNodeId),
    })
  }

  get record(): UploadRecord {
    return this.#progress.record
  }

  /**
   * @returns the record in state `stored`.
   * @throws OrlopError `ABORTED` on the signal; `NO_NODE_AVAILABLE` when no node was found to begin with; `FILE_CHANGED`,
   *   `DISK_FULL` and others that waiting does not mend.
   */
  async finish(): Promise<UploadRecord> {
    const { signal } = this.#request
    const { minRetryMs, maxRetryMs } = this.#context.settings
    try {
      while (this.record.state !== 'stored') {
        await pRetry(() => this.#advanceOrRetry(), {
          retries: Infinity,
          minTimeout: minRetryMs,
          maxTimeout: maxRetryMs,
          randomize: true,
          ...signalOf(this.#request),
        })
      }
      return this.record
    } catch (error) {
      throwIfAborted(signal, 'The upload')
      throw error
    } finally {
      await this.#sealing.stop()
      await this.#progress.end()
    }
  }

  /** One attempt; a failure after progress ends it quietly, so that the next one begins without a pause. */
  async #advanceOrRetry(): Promise<void> {
    this.#progress.beginAttempt()
    this.#attempt += 1
    try {
      await this.#advance()
    } catch (error) {
      throwIfAborted(this.#request.signal, 'The upload')
      await this.#mendOrEnd(error)
      this.#tellRetry(error)
      if (!this.#progress.hasProgressed) throw error
    }
    if (this.record.state !== 'stored' && !this.#progress.hasProgressed)
      throw heldError(this.record)
  }

  async #advance(): Promise<void> {
    if (this.record.placement === null) await this.#place()
    const ingress = await this.#ingress()
    this.#sealing.begin()
    if (!hasReached(this.record, 'sent')) await this.#send(ingress)
    await this.#commit(ingress)
  }

  /** @param absent - a node that is not to be the ingress node again; null for none. */
  async #place(absent: number | null = null): Promise<void> {
    const excluded = new Map(this.#mender.faulty)
    if (absent !== null) excluded.set(absent, 'went away during the upload')
    const placement = await openPlacement(this.#context, this.record, {
      excluded,
      onOffer: () =>
        this.#progress.keep(this.record.state === 'planned' ? { state: 'offered' } : {}),
      ...signalOf(this.#request),
    })
    const { sealed, state } = this.record
    const reached = this.#sealing.hasBegun ? state : 'reserved'
    await this.#progress.place(placement, sealed === null ? reached : 'sealed')
  }

  async #send(ingress: NodeRecord): Promise<void> {
    const { clock } = this.#context
    const startedMs = clock.monotonicMs()
    const from = this.record.durableBytes
    let durableBytes = from
    let isSent = false
    try {
      const sent = await sendStream(this.#context, {
        record: this.record,
        node: ingress,
        spool: this.#request.spool,
        share: this.#progress.share,
        onDurable: (bytes) => {
          durableBytes = bytes
          this.#progress.reachBytes(bytes)
        },
        ...signalOf(this.#request),
      })
      checkSentStream(sent, await this.#sealing.sealed(), ingress)
      isSent = true
      this.#progress.step()
    } finally {
      const { measured } = this.record
      await this.#progress.keep({
        durableBytes,
        ...(isSent ? { state: 'sent' } : {}),
        measured: {
          ...measured,
          sendingMs: measured.sendingMs + (clock.monotonicMs() - startedMs),
          sentBytes: measured.sentBytes + Math.max(0, durableBytes - from),
        },
      })
    }
  }

  async #commit(ingress: NodeRecord): Promise<void> {
    const before = this.record
    try {
      const committed = await commitStrips(this.#context, {
        record: before,
        sealed: await this.#sealing.sealed(),
        ingress,
        share: this.#progress.share,
        ...signalOf(this.#request),
      })
      this.#progress.adopt(committed)
    } catch (error) {
      // What was acknowledged before the connection broke is kept.
      this.#progress.adopt((await this.#context.home.uploads.get(before.objectId)) ?? before)
      throw error
    } finally {
      if (this.record.acks.length > before.acks.length) this.#progress.step()
    }
    if (this.record.state === before.state) return
    const type = this.record.state === 'stored' ? 'stored' : 'held'
    this.#context.events.emit({ type, objectName: formatObjectId(before.objectId) })
  }

  async #mendOrEnd(error: unknown): Promise<void> {
    const { failure } = this.#sealing
    if (failure !== null) throw new AbortError(failure)
    if (await this.#mender.mend(error)) return
    throw error instanceof Error ? new AbortError(error) : error
  }

  #ingress(): Promise<NodeRecord> {
    const { placement } = this.record
    if (placement === null) throw new TypeError('upload: expected a placement')
    return this.#context.directory.byId(placement.ingressNodeId, signalOf(this.#request))
  }

  #tellRetry(error: unknown): void {
    this.#context.events.emit({
      type: 'retrying',
      objectName: formatObjectId(this.record.objectId),
      reason: error instanceof Error ? error.message : 'unknown reason',
      attempt: this.#attempt,
    })
  }
}

function heldError(record: UploadRecord): OrlopError {
  const missing = record.commits.length - record.acks.length
  return new OrlopError(
    'TIMEOUT',
    `${formatObjectId(record.objectId)} is held: ${missing} of ${record.commits.length} strips wait for their node. The ingress node goes on by itself.`,
  )
}
