import { OrlopError } from '@orlop/protocol/errors'

/** Where the bytes of one spool are kept. */
export interface SpoolStore {
  /** Adds bytes at the end, which is at `offset`; they are not kept by reference. @throws OrlopError `DISK_FULL`. */
  write(bytes: Uint8Array, offset: number): Promise<void>
  /** Makes everything written durable. @throws OrlopError `DISK_FULL`. */
  sync(): Promise<void>
  /** Exactly `lengthBytes` from `offset`; null when they are not all there. */
  read(offset: number, lengthBytes: number): Promise<Uint8Array | null>
  close(): Promise<void>
}

/**
 * The sealed bytes of one upload at the client's own place: written once while sealing, read from any offset while sending, so that
 * nothing is ever encrypted twice.
 */
export class SealedSpool {
  readonly #store: SpoolStore
  #writtenBytes: number
  #isComplete: boolean
  #failure: Error | null = null
  readonly #waiting = new Set<() => void>()

  /** @param completeBytes - length of a spool that was completed before; null for a new one. */
  constructor(store: SpoolStore, completeBytes: number | null = null) {
    this.#store = store
    this.#writtenBytes = completeBytes ?? 0
    this.#isComplete = completeBytes !== null
  }

  /** Bytes there are so far. */
  get writtenBytes(): number {
    return this.#writtenBytes
  }

  /** Whether nothing more will come. */
  get isComplete(): boolean {
    return this.#isComplete
  }

  /** Adds bytes at the end. @throws OrlopError `DISK_FULL`. */
  async append(bytes: Uint8Array): Promise<void> {
    await this.#store.write(bytes, this.#writtenBytes)
    this.#writtenBytes += bytes.length
    this.#wake()
  }

  /** Makes everything durable and lets readers see the end. */
  async complete(): Promise<void> {
    await this.#store.sync()
    this.#isComplete = true
    this.#wake()
  }

  /** Lets waiting readers fail: sealing will not be finished. */
  fail(error: Error): void {
    this.#failure = error
    this.#wake()
  }

  /**
   * Reads from an offset, waiting for the writer where it must.
   *
   * @param maxBytes - most bytes to give.
   * @returns null at the end of a complete spool.
   */
  async read(offset: number, maxBytes: number, signal?: AbortSignal): Promise<Uint8Array | null> {
    await this.#waitFor(offset, signal)
    const lengthBytes = Math.min(maxBytes, this.#writtenBytes - offset)
    if (lengthBytes <= 0) return null
    const bytes = await this.#store.read(offset, lengthBytes)
    if (bytes !== null) return bytes
    throw new OrlopError(
      'INTERNAL',
      'The spool file of an upload is shorter than it was. Check the disk; store the file again.',
    )
  }

  async close(): Promise<void> {
    await this.#store.close()
  }

  async #waitFor(offset: number, signal?: AbortSignal): Promise<void> {
    while (offset >= this.#writtenBytes && !this.#isComplete) {
      if (this.#failure !== null) throw this.#failure
      signal?.throwIfAborted()
      await new Promise<void>((resolve) => {
        const wake = () => {
          signal?.removeEventListener('abort', wake)
          this.#waiting.delete(wake)
          resolve()
        }
        this.#waiting.add(wake)
        signal?.addEventListener('abort', wake, { once: true })
      })
    }
  }

  #wake(): void {
    for (const wake of [...this.#waiting]) wake()
  }
}

/** The spools of one home, one for each upload under way, by the object's name as `formatObjectId` writes it. */
export interface Spool {
  /** A new, empty spool; one left from an earlier attempt is overwritten. */
  create(objectName: string): Promise<SealedSpool>
  /**
   * Opens the spool of an upload whose sealing was finished.
   *
   * @param streamBytes - length it must have.
   * @returns null when it is gone or not that long, so that the object must be sealed anew.
   */
  openComplete(objectName: string, streamBytes: number): Promise<SealedSpool | null>
  /** Deletes the spool of an upload that is done or given up. */
  remove(objectName: string): Promise<void>
  /** Deletes spools that belong to none of these uploads. */
  removeOthers(objectNames: readonly string[]): Promise<void>
}
