import { open, readFile, stat, writeFile } from 'node:fs/promises'
import { OrlopError } from '@orlop/protocol/errors'
import { BlobFolders } from './blob-folders.ts'
import { type HashedStrip, hashStrip, isOneBlock, leadsToRoot, sameTerms } from './block-hashes.ts'
import { unlessMissing } from './disk-errors.ts'
import { DiskRoom, diskFreeBytesOf } from './disk-room.ts'
import { FileStaging } from './file-staging.ts'
import { HashCache } from './hash-cache.ts'
import type {
  BlobEntry,
  BlobStore,
  Staging,
  StripKey,
  StripReader,
  StripTerms,
} from './interfaces.ts'
import { KeyLocks } from './key-locks.ts'
import { StagedStrip } from './staged-strip.ts'
import { describeStrip, formatStripName } from './strip-name.ts'
import { VerifiedStripReader, damaged, readFileAt } from './verified-strip-reader.ts'

export interface FileBlobStoreOptions {
  /** Bytes of the disk that strips never take; default 256 MiB. */
  reserveBytes?: number
  /** Asks the disk for its free bytes; default the system's answer for the folder. */
  diskFreeBytes?: () => Promise<number>
}

const DEFAULT_RESERVE_BYTES = 256 * 1024 * 1024
/** Open staged strips that no writer holds; beyond that the oldest are closed and read again when needed. */
const MAX_IDLE_STAGINGS = 64

/** Strips in files. */
export class FileBlobStore implements BlobStore {
  /** Hash files without a strip, found and deleted when the store was opened. */
  readonly orphanHashes: number
  readonly #folders: BlobFolders
  readonly #room: DiskRoom
  readonly #staged = new Map<string, StagedStrip>()
  readonly #locks = new KeyLocks()
  readonly #hashes = new HashCache()
  #isClosed = false

  private constructor(folders: BlobFolders, room: DiskRoom, orphanHashes: number) {
    this.#folders = folders
    this.#room = room
    this.orphanHashes = orphanHashes
  }

  /** Opens the store in a folder, which is made where it is missing. */
  static async open(path: string, options: FileBlobStoreOptions = {}): Promise<FileBlobStore> {
    const folders = new BlobFolders(path)
    await folders.create()
    const diskFreeBytes = options.diskFreeBytes ?? (() => diskFreeBytesOf(path))
    const room = new DiskRoom(diskFreeBytes, options.reserveBytes ?? DEFAULT_RESERVE_BYTES)
    return new FileBlobStore(folders, room, await folders.deleteOrphanHashes())
  }

  stage(key: StripKey, maxBytes: number): Promise<Staging> {
    return this.#locked(key, async () => {
      this.#assertOpen()
      if ((await unlessMissing(stat(this.#folders.final(key)))) !== null) {
        throw new OrlopError(
          'ALREADY_EXISTS',
          `${describeStrip(key)} is stored here already. Nothing needs to be sent.`,
        )
      }
      const strip = await this.#open(key)
      return strip.hold(maxBytes)
    })
  }

  async stagedBytes(key: StripKey): Promise<number | null> {
    const strip = this.#staged.get(formatStripName(key))
    if (strip !== undefined) return strip.receivedBytes
    const stats = await unlessMissing(stat(this.#folders.staged(key)))
    return stats === null ? null : stats.size
  }

  discard(key: StripKey): Promise<boolean> {
    return this.#locked(key, async () => {
      await this.#close(key)
      return this.#folders.deleteStaged(key)
    })
  }

  finalize(key: StripKey, terms: StripTerms): Promise<void> {
    return this.#locked(key, async () => {
      this.#assertOpen()
      if (await this.#isFinal(key, terms)) return
      if ((await this.stagedBytes(key)) === null) {
        throw new OrlopError(
          'OBJECT_NOT_FOUND',
          `No bytes of ${describeStrip(key)} are here. Send them before the commit.`,
        )
      }
      const strip = await (await this.#open(key)).seal()
      assertTerms(key, strip, terms)
      await this.#folders.prepareFan(key)
      // Not synced: a torn hash file does not lead to the root and is then made again from the strip.
      if (!isOneBlock(strip.stripBytes)) {
        await writeFile(this.#folders.hashes(key), strip.blockHashes)
      }
      await this.#close(key)
      await this.#folders.makeFinal(key)
    })
  }

  restage(key: StripKey): Promise<boolean> {
    return this.#takeAway(key, () => this.#folders.makeStaged(key))
  }

  setAside(key: StripKey): Promise<boolean> {
    return this.#takeAway(key, () => this.#folders.moveAway(key))
  }

  async openReader(key: StripKey, terms: StripTerms): Promise<StripReader> {
    const file = await unlessMissing(open(this.#folders.final(key), 'r'))
    if (file === null) throw damaged(key, 'its file is missing')
    try {
      const { size } = await file.stat()
      if (size !== terms.stripBytes) {
        throw damaged(key, `its file has ${String(size)} bytes, not ${String(terms.stripBytes)}`)
      }
      const blockHashes = await this.#blockHashes(key, terms)
      return new VerifiedStripReader({ key, ...terms, blockHashes }, readFileAt(file), () =>
        file.close(),
      )
    } catch (error) {
      await file.close()
      throw error
    }
  }

  delete(key: StripKey): Promise<boolean> {
    return this.#locked(key, async () => {
      this.#hashes.delete(formatStripName(key))
      return this.#folders.deleteFinal(key)
    })
  }

  list(): AsyncIterable<BlobEntry> {
    return this.#folders.list()
  }

  freeBytes(): Promise<number> {
    return this.#room.freeBytes()
  }

  /** Waits for work under way, so that nothing is opened behind its back. Staged bytes stay. */
  async close(): Promise<void> {
    this.#isClosed = true
    await this.#locks.idle()
    await Promise.all([...this.#staged.values()].map((strip) => this.#close(strip.key)))
  }

  #takeAway(key: StripKey, move: () => Promise<void>): Promise<boolean> {
    return this.#locked(key, async () => {
      if ((await unlessMissing(stat(this.#folders.final(key)))) === null) return false
      this.#hashes.delete(formatStripName(key))
      await move()
      return true
    })
  }

  /** The staged strip, opened; only under the strip's lock. */
  async #open(key: StripKey): Promise<StagedStrip> {
    const name = formatStripName(key)
    const known = this.#staged.get(name)
    this.#staged.delete(name)
    const strip = known ?? (await this.#create(key))
    this.#staged.set(name, strip)
    await this.#closeIdle()
    return strip
  }

  async #create(key: StripKey): Promise<StagedStrip> {
    const medium = await FileStaging.open(this.#folders.staged(key), this.#room)
    try {
      if (medium.lengthBytes === 0) await this.#folders.syncStaging()
    } catch (error) {
      await medium.close()
      throw error
    }
    return new StagedStrip(key, medium)
  }

  async #closeIdle(): Promise<void> {
    const idle = [...this.#staged.values()].filter(
      (strip) => !strip.isHeld && !this.#locks.isBusy(formatStripName(strip.key)),
    )
    for (const strip of idle.slice(0, Math.max(0, idle.length - MAX_IDLE_STAGINGS))) {
      await this.#close(strip.key)
    }
  }

  async #close(key: StripKey): Promise<void> {
    const name = formatStripName(key)
    const strip = this.#staged.get(name)
    this.#staged.delete(name)
    await strip?.end()
  }

  async #isFinal(key: StripKey, terms: StripTerms): Promise<boolean> {
    const stats = await unlessMissing(stat(this.#folders.final(key)))
    if (stats === null) return false
    const reader = await this.openReader(key, terms)
    await reader.close()
    return true
  }

  async #blockHashes(key: StripKey, terms: StripTerms): Promise<Uint8Array> {
    if (terms.stripBytes > 0 && isOneBlock(terms.stripBytes)) return terms.root
    const name = formatStripName(key)
    const known = this.#hashes.get(name, terms.root)
    if (known !== null) return known
    const stored = await unlessMissing(readFile(this.#folders.hashes(key)))
    const hashes =
      stored !== null && leadsToRoot(stored, terms)
        ? new Uint8Array(stored)
        : await this.#hashAgain(key, terms)
    this.#hashes.set(name, terms.root, hashes)
    return hashes
  }

  /** The hash file is gone or torn; the strip itself says whether it is whole. */
  async #hashAgain(key: StripKey, terms: StripTerms): Promise<Uint8Array> {
    const file = await open(this.#folders.final(key), 'r')
    try {
      const pieces = file.createReadStream({ autoClose: false, highWaterMark: 1024 * 1024 })
      const strip = await hashStrip(pieces)
      if (!sameTerms(strip, terms)) throw damaged(key, 'its bytes do not lead to its root')
      await writeFile(this.#folders.hashes(key), strip.blockHashes)
      return strip.blockHashes
    } finally {
      await file.close()
    }
  }

  #assertOpen(): void {
    if (!this.#isClosed) return
    throw new OrlopError(
      'NODE_UNREACHABLE',
      'The node is stopping and takes no strips now. What it has stays; go on when it is back.',
    )
  }

  #locked<T>(key: StripKey, task: () => Promise<T>): Promise<T> {
    return this.#locks.run(formatStripName(key), task)
  }
}

/** @throws OrlopError `COMMIT_INVALID` when the bytes that came are not those of the commit. */
export function assertTerms(key: StripKey, strip: HashedStrip, terms: StripTerms): void {
  if (sameTerms(strip, terms)) return
  throw new OrlopError(
    'COMMIT_INVALID',
    `The commit of ${describeStrip(key)} is for other bytes than the ${String(strip.stripBytes)} that came. ` +
      'Release the strip and send it again from the start.',
    { details: { storedBytes: strip.stripBytes, committedBytes: terms.stripBytes } },
  )
}
