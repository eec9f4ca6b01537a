import { OrlopError } from '@orlop/protocol/errors'
import type { ClientContext } from '../context.ts'
import type { ByteSource } from '../pipeline/byte-source.ts'
import { sealToSpool } from './seal-to-spool.ts'
import type { SealedSpool } from './sealed-spool.ts'
import type { UploadProgress } from './upload-progress.ts'
import type { SealedFacts } from './upload-record.ts'

export interface SealingTaskRequest {
  readonly spool: SealedSpool
  /** Opens the plaintext; called once, when sealing begins. */
  readonly openSource: () => Promise<ByteSource>
  readonly passphrase: string | null
}

/** Seals one upload beside the sending of what is sealed already. */
export class SealingTask {
  readonly #context: ClientContext
  readonly #progress: UploadProgress
  readonly #request: SealingTaskRequest
  readonly #stop = new AbortController()
  #sealing: Promise<SealedFacts> | null = null
  #failure: Error | null = null

  constructor(context: ClientContext, progress: UploadProgress, request: SealingTaskRequest) {
    this.#context = context
    this.#progress = progress
    this.#request = request
  }

  get hasBegun(): boolean {
    return this.#sealing !== null
  }

  /** Why the object cannot be sealed; null while nothing speaks against it. */
  get failure(): Error | null {
    return this.#failure
  }

  /** Begins, unless the object is sealed or is being sealed. */
  begin(): void {
    if (this.#progress.record.sealed !== null || this.#sealing !== null) return
    this.#sealing = this.#seal()
    // Whoever sends hears of a failure through the spool.
    this.#sealing.catch((error: unknown) => {
      this.#failure = error instanceof Error ? error : new Error('sealing failed')
      this.#request.spool.fail(this.#failure)
    })
  }

  /** What the sealed object is, when it is sealed. */
  async sealed(): Promise<SealedFacts> {
    if (this.#sealing !== null) return this.#sealing
    const { sealed } = this.#progress.record
    if (sealed === null) throw new TypeError('upload: expected sealing to have begun')
    return sealed
  }

  /** Ends sealing where it is still going on. */
  async stop(): Promise<void> {
    this.#stop.abort(new OrlopError('ABORTED', 'The upload ended before sealing did.'))
    await this.#sealing?.catch(() => undefined)
  }

  async #seal(): Promise<SealedFacts> {
    const { spool, openSource, passphrase } = this.#request
    await this.#progress.keep({ state: 'sealing' })
    const sealed = await sealToSpool(this.#context, {
      record: this.#progress.record,
      source: await openSource(),
      spool,
      passphrase,
      signal: this.#stop.signal,
    })
    // In this order: a record that says sealed must find its bytes on disk after a power cut.
    await spool.complete()
    await this.#progress.keep({ state: 'sealed', sealed })
    return sealed
  }
}
