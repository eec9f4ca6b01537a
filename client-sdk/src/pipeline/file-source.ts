import { type FileHandle, stat } from 'node:fs/promises'

import { OrlopError } from '@orlop/protocol/errors'

import { openRegularFile } from '../open-regular-file.ts'
import type { ByteSource } from './byte-source.ts'

/** What tells one state of a file from another. */
interface FileState {
  readonly dev: bigint
  readonly ino: bigint
  readonly size: bigint
  readonly mtimeNs: bigint
}

/**
 * Opens a file for sealing. It must stay as it is until its last byte is read: size, time of change and identity are compared at
 * the end.
 *
 * @throws OrlopError `USAGE` when it cannot be opened or is not a regular file.
 */
export async function openFileSource(path: string): Promise<ByteSource> {
  const handle = await openRegularFile(path)
  try {
    return new FileSource(path, handle, await handle.stat({ bigint: true }))
  } catch (error) {
    await handle.close()
    throw error
  }
}

class FileSource implements ByteSource {
  readonly sizeBytes: number
  readonly #path: string
  readonly #handle: FileHandle
  readonly #state: FileState
  #position = 0

  constructor(path: string, handle: FileHandle, state: FileState) {
    this.#path = path
    this.#handle = handle
    this.#state = state
    this.sizeBytes = Number(state.size)
  }

  async read(target: Uint8Array): Promise<number> {
    let filled = 0
    while (filled < target.length) {
      const length = target.length - filled
      const { bytesRead } = await this.#handle.read(target, filled, length, this.#position)
      if (bytesRead === 0) break
      filled += bytesRead
      this.#position += bytesRead
    }
    return filled
  }

  async verify(): Promise<void> {
    const states = [await this.#handle.stat({ bigint: true }), await this.#stateOfPath()]
    const isUnchanged = states.every(
      (state) =>
        state?.dev === this.#state.dev &&
        state.ino === this.#state.ino &&
        state.size === this.#state.size &&
        state.mtimeNs === this.#state.mtimeNs,
    )
    if (isUnchanged && this.#position === this.sizeBytes) return
    throw new OrlopError(
      'FILE_CHANGED',
      `${this.#path} changed while it was read. Nothing was stored; try again when no program writes to it.`,
      { details: { path: this.#path, bytesRead: this.#position, sizeBytes: this.sizeBytes } },
    )
  }

  async close(): Promise<void> {
    await this.#handle.close()
  }

  /** Null when there is nothing at the path any more. */
  async #stateOfPath(): Promise<FileState | null> {
    try {
      return await stat(this.#path, { bigint: true })
    } catch {
      return null
    }
  }
}
