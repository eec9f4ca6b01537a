import { statfs } from 'node:fs/promises'
import { OrlopError } from '@orlop/protocol/errors'

/** After so many bytes the disk is asked again: others use it too. */
const RECHECK_BYTES = 16 * 1024 * 1024

/** Keeps a part of the disk free for the index, the ledger and the operator. */
export class DiskRoom {
  readonly #diskFreeBytes: () => Promise<number>
  readonly #reserveBytes: number
  #grantedBytes = 0

  /**
   * @param diskFreeBytes - asks the disk, see {@link diskFreeBytesOf}.
   * @param reserveBytes - what this node never takes of it.
   */
  constructor(diskFreeBytes: () => Promise<number>, reserveBytes: number) {
    this.#diskFreeBytes = diskFreeBytes
    this.#reserveBytes = reserveBytes
  }

  /** Bytes that may still be written; 0 when the reserve is touched. */
  async freeBytes(): Promise<number> {
    return Math.max(0, (await this.#diskFreeBytes()) - this.#reserveBytes)
  }

  /** @throws OrlopError `DISK_FULL` when `lengthBytes` would touch the reserve. */
  async take(lengthBytes: number): Promise<void> {
    if (lengthBytes > this.#grantedBytes) {
      const freeBytes = await this.freeBytes()
      if (lengthBytes > freeBytes) throw this.#full(lengthBytes, freeBytes)
      this.#grantedBytes = Math.min(freeBytes, Math.max(RECHECK_BYTES, lengthBytes))
    }
    this.#grantedBytes -= lengthBytes
  }

  #full(lengthBytes: number, freeBytes: number): OrlopError {
    return new OrlopError(
      'DISK_FULL',
      `The disk of the node has ${String(freeBytes)} bytes left beyond its reserve of ${String(this.#reserveBytes)}, ` +
        `${String(lengthBytes)} are needed. Free some, or lower the reserve; what was acknowledged is safe.`,
      { details: { freeBytes, lengthBytes } },
    )
  }
}

/** Room on the disk that holds a folder, as the system says. */
export async function diskFreeBytesOf(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder)
  return bavail * bsize
}
