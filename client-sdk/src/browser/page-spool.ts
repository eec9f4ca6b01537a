import { SealedSpool, type Spool, type SpoolStore } from '../upload/sealed-spool.ts'
import { asStorageError, type PageStorage } from './page-storage.ts'

/** Longest piece that is stored as one: what a read takes into memory beyond what it gives. */
const PIECE_BYTES = 1024 * 1024

/** Sealed bytes on their way, in IndexedDB: an upload goes on after the page was loaded again. */
export class PageSpool implements Spool {
  readonly #storage: PageStorage

  constructor(storage: PageStorage) {
    this.#storage = storage
  }

  async create(objectName: string): Promise<SealedSpool> {
    await this.remove(objectName)
    return new SealedSpool(new PageSpoolStore(this.#storage, objectName))
  }

  async openComplete(objectName: string, streamBytes: number): Promise<SealedSpool | null> {
    const cursor = await this.#storage
      .transaction('spool')
      .store.openCursor(piecesOf(objectName), 'prev')
    const [, offset] = cursor?.key ?? [objectName, 0]
    const foundBytes = offset + (cursor?.value.length ?? 0)
    if (cursor === null || foundBytes !== streamBytes) return null
    return new SealedSpool(new PageSpoolStore(this.#storage, objectName), streamBytes)
  }

  async remove(objectName: string): Promise<void> {
    await this.#storage.delete('spool', piecesOf(objectName))
  }

  async removeOthers(objectNames: readonly string[]): Promise<void> {
    const keys = await this.#storage.getAllKeys('spool')
    const found = new Set(keys.map(([objectName]) => objectName))
    for (const objectName of found) {
      if (!objectNames.includes(objectName)) await this.remove(objectName)
    }
  }
}

class PageSpoolStore implements SpoolStore {
  readonly #storage: PageStorage
  readonly #objectName: string

  constructor(storage: PageStorage, objectName: string) {
    this.#storage = storage
    this.#objectName = objectName
  }

  async write(bytes: Uint8Array, offset: number): Promise<void> {
    const transaction = this.#storage.transaction('spool', 'readwrite')
    try {
      for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
        const piece = bytes.slice(at, at + PIECE_BYTES)
        void transaction.store.put(piece, [this.#objectName, offset + at])
      }
      await transaction.done
    } catch (cause) {
      throw asStorageError(cause)
    }
  }

  /** Later transactions become durable after earlier ones, so one that is strict about it does for all. */
  async sync(): Promise<void> {
    const options = { durability: 'strict' } as const
    const transaction = this.#storage.transaction('spool', 'readwrite', options)
    void transaction.store.delete([this.#objectName, -1])
    await transaction.done
  }

  async read(offset: number, lengthBytes: number): Promise<Uint8Array | null> {
    const spool = this.#storage.transaction('spool').store
    const target = new Uint8Array(lengthBytes)
    const first = IDBKeyRange.bound([this.#objectName, 0], [this.#objectName, offset])
    let cursor = await spool.openCursor(first, 'prev')
    for (let filled = 0; filled < lengthBytes;) {
      if (cursor === null) return null
      const [, start] = cursor.key
      const piece = cursor.value.subarray(offset + filled - start, offset + lengthBytes - start)
      if (piece.length === 0) return null
      target.set(piece, filled)
      filled += piece.length
      const next = start + cursor.value.length
      cursor = filled < lengthBytes ? await spool.openCursor([this.#objectName, next]) : null
    }
    return target
  }

  close(): Promise<void> {
    return Promise.resolve()
  }
}

function piecesOf(objectName: string): IDBKeyRange {
  return IDBKeyRange.bound([objectName, 0], [objectName, Infinity])
}
