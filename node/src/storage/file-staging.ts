import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { diskError } from './disk-errors.ts'
import type { DiskRoom } from './disk-room.ts'
import type { StagingMedium } from './staged-strip.ts'

const READ_BYTES = 1024 * 1024

/** A staged strip in a file. Its length is what was written: file systems extend a file after its data (ordered mode), and a
 * tail that a power cut damaged all the same is found by the root at the end. */
export class FileStaging implements StagingMedium {
  readonly lengthBytes: number
  readonly #file: FileHandle
  readonly #room: DiskRoom

  private constructor(file: FileHandle, room: DiskRoom, lengthBytes: number) {
    this.#file = file
    this.#room = room
    this.lengthBytes = lengthBytes
  }

  /** Opens the file, or makes an empty one. */
  static async open(path: string, room: DiskRoom): Promise<FileStaging> {
    const file = await open(path, constants.O_RDWR | constants.O_CREAT).catch((error: unknown) => {
      throw diskError(error, 'a new strip')
    })
    try {
      const { size } = await file.stat()
      return new FileStaging(file, room, size)
    } catch (error) {
      await file.close()
      throw error
    }
  }

  async write(data: Uint8Array, offsetBytes: number): Promise<void> {
    await this.#room.take(data.length)
    try {
      let written = 0
      while (written < data.length) {
        const length = data.length - written
        const result = await this.#file.write(data, written, length, offsetBytes + written)
        written += result.bytesWritten
      }
    } catch (error) {
      throw diskError(error, `${String(data.length)} more bytes of a strip`)
    }
  }

  async truncate(lengthBytes: number): Promise<void> {
    await this.#file.truncate(lengthBytes)
  }

  async sync(): Promise<void> {
    await this.#file.datasync().catch((error: unknown) => {
      throw diskError(error, 'a strip')
    })
  }

  async *read(lengthBytes: number): AsyncIterable<Uint8Array> {
    const buffer = new Uint8Array(READ_BYTES)
    for (let offset = 0; offset < lengthBytes;) {
      const wanted = Math.min(READ_BYTES, lengthBytes - offset)
      const { bytesRead } = await this.#file.read(buffer, 0, wanted, offset)
      if (bytesRead === 0) throw new Error(`a staged strip ends at ${String(offset)} bytes`)
      yield buffer.subarray(0, bytesRead)
      offset += bytesRead
    }
  }

  async close(): Promise<void> {
    await this.#file.close()
  }
}
