import pRetry, { AbortError } from 'p-retry'
import { isOrlopError, OrlopError, throwIfAborted } from '@orlop/protocol/errors'
import { formatObjectId } from '@orlop/protocol/ids'
import type { NodeRecord } from '@orlop/protocol/ledger-records'
import type { ClientContext } from '../context.ts'
import type { WireShare } from '../network/wire-meter.ts'
import type { ByteSource } from '../pipeline/byte-source.ts'
import { distrustNode } from '../rating/distrust-node.ts'
import { commitStrips } from './commit-strips.ts'
import { openPlacement } from './open-placement.ts'
import { sealToSpool } from './seal-to-spool.ts'
import { checkSentStream, sendStream } from './send-stream.ts'
import type { SpoolFile } from './spool-file.ts'
import { blamedNodeId, type FailureMeaning, meaningOf } from './upload-failure.ts'
import type { SealedFacts, UploadRecord, UploadState } from './upload-record.ts'

export interface UploadRunRequest {
  readonly record: UploadRecord
  /** Empty where the object is not sealed yet. */
  readonly spool: SpoolFile
  /** Opens the plaintext when sealing begins; not called for an upload that was sealed before. */
  readonly openSource: () => Promise<ByteSource>
  readonly passphrase: string | null
  readonly signal?: AbortSignal
}

/**
 * Takes one upload from wherever it stands to *stored*: choose, offer, seal, send, commit. It goes on over broken links and node
 * restarts, without end unless the signal says so, and keeps every step on disk.
 */
export class UploadRun {
  readonly #context: ClientContext
  readonly #request: UploadRunRequest
  readonly #share: WireShare
  /** Nodes that broke their word for this object, with what they did. */
  readonly #faulty = new Map<number, string>()
  readonly #stopSealing = new AbortController()
  #record: UploadRecord
  #sealing: Promise<SealedFacts> | null = null
  #sealingFailure: Error | null = null
  #furthestBytes = 0
  /** Grows with every step forward. */
  #progress = 0
  #progressBefore = 0
  #hasBeenPlaced: boolean
  #awaySinceMs: number | null = null
  #attempt = 0
  readonly #wireBefore: UploadRecord['wire']

  constructor(context: ClientContext, request: UploadRunRequest) {
    this.#context = context
    this.#request = request
    this.#record = request.record
    this.#wireBefore = request.record.wire
    this.#hasBeenPlaced = request.record.placement !== null
    this.#share = context.meter.begin()
  }

  get #hasProgressed(): boolean {
    return this.#progress > this.#progressBefore
  }

  get record(): UploadRecord {
    return this.#record
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
      while (this.#record.state !== 'stored') {
        await pRetry(() => this.#advanceOrRetry(), {
          retries: Infinity,
          minTimeout: minRetryMs,
          maxTimeout: maxRetryMs,
          randomize: true,
          ...(signal === undefined ? {} : { signal }),
        })
      }
      return this.#record
    } catch (error) {
      throwIfAborted(signal, 'The upload')
      throw error
    } finally {
      await this.#end()
    }
  }

  /** One attempt; a failure after progress ends it quietly, so that the next one begins without a pause. */
  async #advanceOrRetry(): Promise<void> {
    this.#progressBefore = this.#progress
    this.#attempt += 1
    try {
      await this.#advance()
    } catch (error) {
      throwIfAborted(this.#request.signal, 'The upload')
      await this.#takeFailure(error)
      this.#tellRetry(error)
      if (!this.#hasProgressed) throw error
    }
    if (this.#record.state !== 'stored' && !this.#hasProgressed) throw heldError(this.#record)
  }

  async #advance(): Promise<void> {
    const { signal } = this.#request
    if (this.#record.placement === null) await this.#place()
    const ingress = await this.#ingress()
    this.#beginSealing()
    if (!hasReached(this.#record, 'sent')) await this.#send(ingress)
    const { sealed } = this.#record
    if (sealed === null) throw new TypeError('upload: expected to be sealed after sending')
    const record = this.#record
    const before = { state: record.state, acks: record.acks.length }
    try {
      this.#record = await commitStrips(this.#context, {
        record,
        sealed,
        ingress,
        share: this.#share,
        ...(signal === undefined ? {} : { signal }),
      })
    } catch (error) {
      // What was acknowledged before the connection broke is kept.
      this.#record = (await this.#context.home.uploads.get(record.objectId)) ?? this.#record
      throw error
    } finally {
      if (this.#record.acks.length > before.acks) this.#progressed()
    }
    if (this.#record.state !== before.state) {
      const objectName = formatObjectId(record.objectId)
      const type = this.#record.state === 'stored' ? 'stored' : 'held'
      this.#context.events.emit({ type, objectName })
    }
  }

  /** @param absent - a node that is not to be the ingress node again; null for none. */
  async #place(absent: number | null = null): Promise<void> {
    const { signal } = this.#request
    const excluded = new Map(this.#faulty)
    if (absent !== null) excluded.set(absent, 'went away during the upload')
    const placement = await openPlacement(this.#context, this.#record, {
      excluded,
      onOffer: () => this.#keep(this.#record.state === 'planned' ? { state: 'offered' } : {}),
      ...(signal === undefined ? {} : { signal }),
    })
    const { sealed, state } = this.#record
    const isSealing = this.#sealing !== null
    await this.#keep({
      placement,
      state: sealed !== null ? 'sealed' : isSealing ? state : 'reserved',
      durableBytes: 0,
      commits: [],
      acks: [],
    })
    this.#hasBeenPlaced = true
    this.#furthestBytes = 0
    this.#progressed()
  }

  /** Sealing begins only after a node has accepted (the paper's order), and goes on beside the sending. */
  #beginSealing(): void {
    if (this.#record.sealed !== null || this.#sealing !== null) return
    this.#sealing = this.#seal()
    // Whoever sends hears of a failure through the spool.
    this.#sealing.catch((error: unknown) => {
      this.#sealingFailure = error instanceof Error ? error : new Error('sealing failed')
      this.#request.spool.fail(this.#sealingFailure)
    })
  }

  async #seal(): Promise<SealedFacts> {
    const { spool, openSource, passphrase } = this.#request
    await this.#keep({ state: 'sealing' })
    const sealed = await sealToSpool(this.#context, {
      record: this.#record,
      source: await openSource(),
      spool,
      passphrase,
      signal: this.#stopSealing.signal,
    })
    // In this order: a record that says sealed must find its bytes on disk after a power cut.
    await spool.complete()
    await this.#keep({ state: 'sealed', sealed })
    return sealed
  }

  async #send(ingress: NodeRecord): Promise<void> {
    const { clock } = this.#context
    const { spool, signal } = this.#request
    const startedMs = clock.monotonicMs()
    const from = this.#record.durableBytes
    let durableBytes = from
    try {
      const sent = await sendStream(this.#context, {
        record: this.#record,
        node: ingress,
        spool,
        share: this.#share,
        onDurable: (bytes) => {
          durableBytes = bytes
          if (bytes > this.#furthestBytes) {
            this.#furthestBytes = bytes
            this.#progressed()
          }
        },
        ...(signal === undefined ? {} : { signal }),
      })
      const sealed = await this.#sealing
      checkSentStream(sent, sealed ?? sealedOf(this.#record), ingress)
      this.#record = { ...this.#record, state: 'sent' }
      this.#progressed()
    } finally {
      const { measured } = this.#record
      await this.#keep({
        durableBytes,
        measured: {
          ...measured,
          sendingMs: measured.sendingMs + (clock.monotonicMs() - startedMs),
          sentBytes: measured.sentBytes + Math.max(0, durableBytes - from),
        },
      })
    }
  }

  async #takeFailure(error: unknown): Promise<void> {
    if (this.#sealingFailure !== null) throw new AbortError(this.#sealingFailure)
    const meaning = this.#meaningOf(error)
    if (meaning === 'fatal' || !isOrlopError(error)) {
      throw error instanceof Error ? new AbortError(error) : error
    }
    if (error.code !== 'LEASE_HELD') await this.#countInterruption()
    if (meaning === 'node-fault') await this.#blame(error)
    else if (meaning === 'reserve-anew') await this.#dropPlacement()
    else await this.#leaveAbsentIngress(error)
  }

  /** Once a node has accepted, a network without nodes is a link that is down: that is waited for. */
  #meaningOf(error: unknown): FailureMeaning {
    if (this.#hasBeenPlaced && isOrlopError(error, 'NO_NODE_AVAILABLE')) return 'again'
    return meaningOf(error)
  }

  async #blame(error: OrlopError): Promise<void> {
    const { home, events, directory } = this.#context
    const nodeId = blamedNodeId(error) ?? this.#record.placement?.ingressNodeId ?? null
    const lease = await home.leases.current(formatObjectId(this.#record.objectId))
    const blamed = nodeId ?? lease?.nodeId ?? null
    if (blamed !== null) {
      this.#faulty.set(blamed, `broke its word (${error.code})`)
      await distrustNode(this.#context, blamed)
      const node = (await directory.known()).find((one) => one.nodeId === blamed)
      events.emit({
        type: 'damaged',
        objectName: formatObjectId(this.#record.objectId),
        node: { nodeId: blamed, name: node?.name ?? String(blamed) },
        reason: error.message,
      })
    }
    await this.#dropPlacement()
  }

  /** An ingress node that stays away is replaced, when its lease is over and another node takes the object. */
  async #leaveAbsentIngress(error: OrlopError): Promise<void> {
    const { placement } = this.#record
    const nowMs = this.#context.clock.monotonicMs()
    if (this.#hasProgressed || placement === null || error.code === 'PEER_LIMIT') {
      this.#awaySinceMs = null
      return
    }
    this.#awaySinceMs ??= nowMs
    if (nowMs - this.#awaySinceMs < this.#context.settings.ingressPatienceMs) return
    const objectName = formatObjectId(this.#record.objectId)
    if ((await this.#context.home.leases.current(objectName)) !== null) return
    this.#awaySinceMs = null
    try {
      await this.#place(placement.ingressNodeId)
    } catch (failure) {
      // Nobody else takes it now: the one that has part of it may come back.
      if (!isOrlopError(failure)) throw failure
    }
  }

  async #dropPlacement(): Promise<void> {
    this.#furthestBytes = 0
    await this.#keep({
      placement: null,
      durableBytes: 0,
      commits: [],
      acks: [],
      state: this.#record.sealed === null ? this.#record.state : 'sealed',
    })
  }

  async #countInterruption(): Promise<void> {
    const { measured } = this.#record
    if (this.#record.placement === null) return
    await this.#keep({ measured: { ...measured, interruptions: measured.interruptions + 1 } })
  }

  #ingress(): Promise<NodeRecord> {
    const { placement } = this.#record
    const { signal } = this.#request
    if (placement === null) throw new TypeError('upload: expected a placement')
    const options = signal === undefined ? {} : { signal }
    return this.#context.directory.byId(placement.ingressNodeId, options)
  }

  #progressed(): void {
    this.#progress += 1
    this.#awaySinceMs = null
  }

  #tellRetry(error: unknown): void {
    this.#context.events.emit({
      type: 'retrying',
      objectName: formatObjectId(this.#record.objectId),
      reason: error instanceof Error ? error.message : 'unknown reason',
      attempt: this.#attempt,
    })
  }

  async #keep(changes: Partial<UploadRecord>): Promise<void> {
    const total = this.#share.total()
    const wire = {
      sentBytes: this.#wireBefore.sentBytes + total.sentBytes,
      receivedBytes: this.#wireBefore.receivedBytes + total.receivedBytes,
    }
    this.#record = { ...this.#record, ...changes, wire }
    await this.#context.home.uploads.put(this.#record)
  }

  async #end(): Promise<void> {
    this.#stopSealing.abort(new OrlopError('ABORTED', 'The upload ended before sealing did.'))
    await this.#sealing?.catch(() => undefined)
    await this.#keep({})
    this.#share.end()
  }
}

const ORDER: readonly UploadState[] = [
  'planned',
  'offered',
  'reserved',
  'sealing',
  'sealed',
  'sent',
  'held',
  'stored',
  'recorded',
  'final',
]

/** Whether an upload has come as far as `state`. */
export function hasReached({ state: reached }: UploadRecord, state: UploadState): boolean {
  return ORDER.indexOf(reached) >= ORDER.indexOf(state)
}

function sealedOf(record: UploadRecord): SealedFacts {
  if (record.sealed === null) throw new TypeError('upload: expected sealed facts')
  return record.sealed
}

function heldError(record: UploadRecord): OrlopError {
  const missing = record.commits.length - record.acks.length
  return new OrlopError(
    'TIMEOUT',
    `${formatObjectId(record.objectId)} is held: ${missing} of ${record.commits.length} strips wait for their node. The ingress node goes on by itself.`,
  )
}
