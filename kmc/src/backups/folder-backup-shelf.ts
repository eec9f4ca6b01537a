import { mkdir, readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { syncFolder, writeDurably } from '../service/write-durably.ts'
import { BACKUP_NAME, type BackupShelf } from './backup-shelf.ts'

const ENDING = '.kmc-backup'

/** Keeps backups as files of a folder, for its owner only. */
export class FolderBackupShelf implements BackupShelf {
  readonly #folder: string

  private constructor(folder: string) {
    this.#folder = folder
  }

  /** @param folder - made when missing. */
  static async open(folder: string): Promise<FolderBackupShelf> {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    return new FolderBackupShelf(folder)
  }

  async put(name: string, bytes: Uint8Array): Promise<void> {
    await writeDurably(this.#pathOf(name), bytes)
  }

  async get(name: string): Promise<Uint8Array | null> {
    try {
      return new Uint8Array(await readFile(this.#pathOf(name)))
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
      throw error
    }
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
  }

  #pathOf(name: string): string {
    if (!BACKUP_NAME.test(name)) throw new RangeError('backup: expected 32 hexadecimal digits')
    return join(this.#folder, name + ENDING)
  }
}
