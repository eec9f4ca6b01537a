import { mkdir, open, readdir, unlink, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { OrlopError } from '@orlop/protocol/errors'

/**
 * The sealed bytes of one upload on the client's own disk: written once while sealing, read from any offset while sending, so that
 * nothing is ever encrypted twice.
 */
export class SpoolFile {
  readonly #handle: FileHandle
  #writtenBytes: number
  #isComplete: boolean
  #failure: Error | null = null
  readonly #waiting = new Set<() => void>()

  private constructor(handle: FileHandle, writtenBytes: number, isComplete: boolean) {
    this.#handle = handle
    this.#writtenBytes = writtenBytes
    this.#isComplete = isComplete
  }

  /** A new, empty spool file; one left from an earlier attempt is overwritten. */
  static async create(path: string): Promise<SpoolFile> {
    return new SpoolFile(await open(path, 'w+', 0o600), 0, false)
  }

  /**
   * Opens the spool file of an upload whose sealing was finished.
   *
   * @param streamBytes - length it must have.
   * @returns null when it is gone or not that long, so that the object must be sealed anew.
   */
  static async openComplete(path: string, streamBytes: number): Promise<SpoolFile | null> {
    const handle = await open(path, 'r').catch(() => null)
    if (handle === null) return null
    const { size } = await handle.stat()
    if (size === streamBytes) return new SpoolFile(handle, streamBytes, true)
    await handle.close()
    return null
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
    try {
      let offset = 0
      while (offset < bytes.length) {
        const at = this.#writtenBytes + offset
        const { bytesWritten } = await this.#handle.write(bytes, offset, bytes.length - offset, at)
        offset += bytesWritten
      }
    } catch (cause) {
      throw asDiskError(cause)
    }
    this.#writtenBytes += bytes.length
    this.#wake()
  }

  /** Makes everything durable and lets readers see the end. */
  async complete(): Promise<void> {
    try {
      await this.#handle.datasync()
    } catch (cause) {
      throw asDiskError(cause)
    }
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
    const buffer = new Uint8Array(lengthBytes)
    const { bytesRead } = await this.#handle.read(buffer, 0, lengthBytes, offset)
    if (bytesRead === lengthBytes) return buffer
    throw new OrlopError(
      'INTERNAL',
      'The spool file of an upload is shorter than it was. Check the disk; store the file again.',
    )
  }

  async close(): Promise<void> {
    await this.#handle.close()
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

/** The folder of spool files, one for each upload under way. */
export class Spool {
  readonly #folder: string

  private constructor(folder: string) {
    this.#folder = folder
  }

  static async open(folder: string): Promise<Spool> {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    return new Spool(folder)
  }

  /** @param objectName - as `formatObjectId` writes it. */
  pathOf(objectName: string): string {
    return join(this.#folder, `${objectName.replace(':', '-')}.sealed`)
  }

  /** Deletes the spool file of an upload that is done or given up. */
  async remove(objectName: string): Promise<void> {
    await unlink(this.pathOf(objectName)).catch(() => undefined)
  }

  /** Deletes spool files that belong to none of these uploads. */
  async removeOthers(objectNames: readonly string[]): Promise<void> {
    const kept = new Set(objectNames.map((name) => this.pathOf(name)))
    for (const file of await readdir(this.#folder)) {
      const path = join(this.#folder, file)
      if (file.endsWith('.sealed') && !kept.has(path)) await unlink(path).catch(() => undefined)
    }
  }
}

function asDiskError(cause: unknown): unknown {
  const code = cause instanceof Error && 'code' in cause ? cause.code : null
  if (code !== 'ENOSPC' && code !== 'EDQUOT') return cause
  return new OrlopError(
    'DISK_FULL',
    'The disk of the home folder is full; sealed bytes on their way need room there. Free some space and try again.',
    { cause },
  )
}
