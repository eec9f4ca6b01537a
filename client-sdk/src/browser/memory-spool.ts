import { concat } from '@orlop/crypto/bytes'
import { OrlopError } from '@orlop/protocol/errors'
import { SealedSpool, type Spool, type SpoolStore } from '../upload/sealed-spool.ts'

/** Sealed bytes on their way in memory, all uploads together: more would bring the page down. */
export const MAX_MEMORY_SPOOL_BYTES = 256 * 1024 * 1024

/** Sealed bytes on their way in memory, for clients without a home: an upload ends with its page. */
export class MemorySpool implements Spool {
  readonly #uploads = new Map<string, MemoryStore>()
  readonly #maxBytes: number

  constructor(maxBytes = MAX_MEMORY_SPOOL_BYTES) {
    this.#maxBytes = maxBytes
  }

  create(objectName: string): Promise<SealedSpool> {
    const store = new MemoryStore((addedBytes) => this.#makeRoom(addedBytes))
    this.#uploads.set(objectName, store)
    return Promise.resolve(new SealedSpool(store))
  }

  openComplete(objectName: string, streamBytes: number): Promise<SealedSpool | null> {
    const store = this.#uploads.get(objectName)
    if (store?.writtenBytes !== streamBytes) return Promise.resolve(null)
    return Promise.resolve(new SealedSpool(store, streamBytes))
  }

  remove(objectName: string): Promise<void> {
    this.#uploads.delete(objectName)
    return Promise.resolve()
  }

  removeOthers(objectNames: readonly string[]): Promise<void> {
    for (const name of this.#uploads.keys()) {
      if (!objectNames.includes(name)) this.#uploads.delete(name)
    }
    return Promise.resolve()
  }

  #makeRoom(addedBytes: number): Promise<void> {
    let keptBytes = 0
    for (const { writtenBytes } of this.#uploads.values()) keptBytes += writtenBytes
    if (keptBytes + addedBytes <= this.#maxBytes) return Promise.resolve()
    const full = new OrlopError(
      'DISK_FULL',
      `Uploads under way need more than the ${this.#maxBytes} bytes that a page without a home keeps for them. Give the client a home, or store smaller objects.`,
      { details: { maxBytes: this.#maxBytes } },
    )
    return Promise.reject(full)
  }
}

class MemoryStore implements SpoolStore {
  readonly #pieces: { readonly offset: number; readonly bytes: Uint8Array }[] = []
  readonly #makeRoom: (addedBytes: number) => Promise<void>
  #writtenBytes = 0

  constructor(makeRoom: (addedBytes: number) => Promise<void>) {
    this.#makeRoom = makeRoom
  }

  get writtenBytes(): number {
    return this.#writtenBytes
  }

  async write(bytes: Uint8Array, offset: number): Promise<void> {
    await this.#makeRoom(bytes.length)
    this.#pieces.push({ offset, bytes: bytes.slice() })
    this.#writtenBytes = offset + bytes.length
  }

  sync(): Promise<void> {
    return Promise.resolve()
  }

  read(offset: number, lengthBytes: number): Promise<Uint8Array | null> {
    const parts = this.#pieces
      .filter((piece) => piece.offset + piece.bytes.length > offset)
      .filter((piece) => piece.offset < offset + lengthBytes)
      .map((piece) =>
        piece.bytes.subarray(
          Math.max(0, offset - piece.offset),
          offset + lengthBytes - piece.offset,
        ),
      )
    const bytes = concat(...parts)
    return Promise.resolve(bytes.length === lengthBytes ? bytes : null)
  }

  close(): Promise<void> {
    return Promise.resolve()
  }
}
