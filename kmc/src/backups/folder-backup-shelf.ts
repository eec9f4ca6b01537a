import { mkdir, readdir, readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { encodeHex, randomBytes } from '@orlop/crypto/bytes'
import { type Clock, systemClock } from '@orlop/protocol/clock'
import { syncFolder, writeDurably } from '../service/write-durably.ts'
import { BACKUP_NAME, type BackupShelf } from './backup-shelf.ts'

const ENDING = '.kmc-backup'
/** A backup that is being written: `<name>.<writer>.part`. */
const UNFINISHED = /^([0-9a-f]{32})\.[0-9a-f]{16}\.part$/
const WRITER_BYTES = 8
/** No backup takes so long to write: who began it is gone. */
const ABANDONED_MS = 60 * 60 * 1000

/** What {@link FolderBackupShelf.open} takes. */
export interface FolderBackupShelfOptions {
  readonly clock?: Clock
}

/** Keeps backups as files of a folder, for its owner only. */
export class FolderBackupShelf implements BackupShelf {
  readonly #folder: string

  private constructor(folder: string) {
    this.#folder = folder
  }

  /** Opens a shelf, and removes what writers that are gone have left unfinished. @param folder - made when missing. */
  static async open(
    folder: string,
    { clock = systemClock }: FolderBackupShelfOptions = {},
  ): Promise<FolderBackupShelf> {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    const shelf = new FolderBackupShelf(folder)
    for (const file of await shelf.#unfinished()) {
      const info = await stat(join(folder, file)).catch(absent)
      const ageMs = info === null ? 0 : clock.nowMs() - info.mtimeMs
      if (ageMs > ABANDONED_MS) await shelf.#discard([file])
    }
    return shelf
  }

  async put(name: string, bytes: Uint8Array, mayReplace: () => void): Promise<void> {
    const path = this.#pathOf(name)
    const part = join(this.#folder, `${name}.${encodeHex(randomBytes(WRITER_BYTES))}.part`)
    await writeDurably(path, bytes, { part, mayReplace })
    await this.removeUnfinished(name)
  }

  async get(name: string): Promise<Uint8Array | null> {
    const bytes = await readFile(this.#pathOf(name)).catch(absent)
    return bytes === null ? null : new Uint8Array(bytes)
  }

  async list(): Promise<string[]> {
    const files = await readdir(this.#folder)
    return files
      .filter((file) => file.endsWith(ENDING))
      .map((file) => file.slice(0, -ENDING.length))
      .filter((name) => BACKUP_NAME.test(name))
      .sort()
  }

  async remove(name: string): Promise<void> {
    await rm(this.#pathOf(name), { force: true })
    await syncFolder(this.#folder)
    await this.removeUnfinished(name)
  }

  async removeUnfinished(name: string): Promise<void> {
    await this.#discard(await this.#unfinished(name))
  }

  /** Files that are being written, or were when their writer was killed. */
  async #unfinished(name?: string): Promise<string[]> {
    const files = await readdir(this.#folder)
    return files.filter((file) => {
      const of = UNFINISHED.exec(file)?.[1]
      return of !== undefined && (name === undefined || of === name)
    })
  }

  async #discard(files: readonly string[]): Promise<void> {
    if (files.length === 0) return
    for (const file of files) await rm(join(this.#folder, file), { force: true })
    await syncFolder(this.#folder)
  }

  #pathOf(name: string): string {
    if (!BACKUP_NAME.test(name)) throw new RangeError('backup: expected 32 hexadecimal digits')
    return join(this.#folder, name + ENDING)
  }
}

function absent(error: unknown): null {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
  throw error
}
