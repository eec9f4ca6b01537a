import { mkdir, open, readdir, unlink, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { OrlopError } from '@orlop/protocol/errors'
import { SealedSpool, type Spool, type SpoolStore } from './sealed-spool.ts'

/** A spool in a file on the client's own disk. */
export class SpoolFile extends SealedSpool {
  /** A new, empty spool file; one left from an earlier attempt is overwritten. */
  static async create(path: string): Promise<SpoolFile> {
    return new SpoolFile(new FileStore(await open(path, 'w+', 0o600)))
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
    if (size === streamBytes) return new SpoolFile(new FileStore(handle), streamBytes)
    await handle.close()
    return null
  }
}

class FileStore implements SpoolStore {
  readonly #handle: FileHandle

  constructor(handle: FileHandle) {
    this.#handle = handle
  }

  async write(bytes: Uint8Array, offset: number): Promise<void> {
    try {
      for (let done = 0; done < bytes.length;) {
        const length = bytes.length - done
        const { bytesWritten } = await this.#handle.write(bytes, done, length, offset + done)
        done += bytesWritten
      }
    } catch (cause) {
      throw asDiskError(cause)
    }
  }

  async sync(): Promise<void> {
    try {
      await this.#handle.datasync()
    } catch (cause) {
      throw asDiskError(cause)
    }
  }

  async read(offset: number, lengthBytes: number): Promise<Uint8Array | null> {
    const buffer = new Uint8Array(lengthBytes)
    const { bytesRead } = await this.#handle.read(buffer, 0, lengthBytes, offset)
    return bytesRead === lengthBytes ? buffer : null
  }

  async close(): Promise<void> {
    await this.#handle.close()
  }
}

/** The folder of spool files, one for each upload under way. */
export class SpoolFolder implements Spool {
  readonly #folder: string

  private constructor(folder: string) {
    this.#folder = folder
  }

  static async open(folder: string): Promise<SpoolFolder> {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    return new SpoolFolder(folder)
  }

  async create(objectName: string): Promise<SpoolFile> {
    try {
      return await SpoolFile.create(this.#pathOf(objectName))
    } catch (cause) {
      throw new OrlopError(
        'DISK_FULL',
        `No spool file can be made in ${this.#folder}. Check the disk's free space and the folder's permissions.`,
        { cause },
      )
    }
  }

  openComplete(objectName: string, streamBytes: number): Promise<SpoolFile | null> {
    return SpoolFile.openComplete(this.#pathOf(objectName), streamBytes)
  }

  async remove(objectName: string): Promise<void> {
    await unlink(this.#pathOf(objectName)).catch(() => undefined)
  }

  async removeOthers(objectNames: readonly string[]): Promise<void> {
    const kept = new Set(objectNames.map((name) => this.#pathOf(name)))
    for (const file of await readdir(this.#folder)) {
      const path = join(this.#folder, file)
      if (file.endsWith('.sealed') && !kept.has(path)) await unlink(path).catch(() => undefined)
    }
  }

  #pathOf(objectName: string): string {
    return join(this.#folder, `${objectName.replace(':', '-')}.sealed`)
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
