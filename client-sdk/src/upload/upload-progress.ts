import type { ClientContext } from '../context.ts'
import type { WireShare } from '../network/wire-meter.ts'
import type { UploadPlacement, UploadRecord } from './upload-record.ts'

/** One upload as it stands: its record, which every step puts on disk, and whether it gets on. */
export class UploadProgress {
  /** What this upload costs on the wire. */
  readonly share: WireShare
  readonly #context: ClientContext
  readonly #wireBefore: UploadRecord['wire']
  #record: UploadRecord
  #hasBeenPlaced: boolean
  #steps = 0
  #stepsBefore = 0
  #furthestBytes = 0

  constructor(context: ClientContext, record: UploadRecord) {
    this.#context = context
    this.#record = record
    this.#wireBefore = record.wire
    this.#hasBeenPlaced = record.placement !== null
    this.share = context.meter.begin()
  }

  get record(): UploadRecord {
    return this.#record
  }

  /** Whether a node has ever accepted this object. */
  get hasBeenPlaced(): boolean {
    return this.#hasBeenPlaced
  }

  /** Grows with every step forward. */
  get steps(): number {
    return this.#steps
  }

  /** Whether there was a step forward since the last `beginAttempt`. */
  get hasProgressed(): boolean {
    return this.#steps > this.#stepsBefore
  }

  beginAttempt(): void {
    this.#stepsBefore = this.#steps
  }

  step(): void {
    this.#steps += 1
  }

  /** A step only where the ingress node has more than ever before: resending what it lost is none. */
  reachBytes(durableBytes: number): void {
    if (durableBytes <= this.#furthestBytes) return
    this.#furthestBytes = durableBytes
    this.step()
  }

  /** Takes over a record that is on disk already. */
  adopt(record: UploadRecord): void {
    this.#record = record
  }

  /** Changes the record, also on disk. */
  async keep(changes: Partial<UploadRecord>): Promise<void> {
    const total = this.share.total()
    const wire = {
      sentBytes: this.#wireBefore.sentBytes + total.sentBytes,
      receivedBytes: this.#wireBefore.receivedBytes + total.receivedBytes,
    }
    this.#record = { ...this.#record, ...changes, wire }
    await this.#context.home.uploads.put(this.#record)
  }

  /** Nodes have accepted: what an earlier placement had come to counts no more. */
  async place(placement: UploadPlacement, state: UploadRecord['state']): Promise<void> {
    await this.keep({ placement, state, durableBytes: 0, commits: [], acks: [] })
    this.#hasBeenPlaced = true
    this.#furthestBytes = 0
    this.step()
  }

  /** Gives the nodes up that had accepted; what is sealed stays so. */
  async dropPlacement(): Promise<void> {
    const { sealed, state } = this.#record
    this.#furthestBytes = 0
    await this.keep({
      placement: null,
      durableBytes: 0,
      commits: [],
      acks: [],
      state: sealed === null ? state : 'sealed',
    })
  }

  /** Keeps what went over the wire, and stops counting. */
  async end(): Promise<void> {
    await this.keep({})
    this.share.end()
  }
}
