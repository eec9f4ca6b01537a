import type { BackupShelf } from './backup-shelf.ts'

/** Keeps backups for as long as the process lives: for tests. */
export class MemoryBackupShelf implements BackupShelf {
  readonly #backups = new Map<string, Uint8Array>()

  async put(name: string, bytes: Uint8Array, mayReplace: () => void): Promise<void> {
    // Others have a turn first, as with a folder.
    await Promise.resolve()
    mayReplace()
    this.#backups.set(name, bytes.slice())
  }

  get(name: string): Promise<Uint8Array | null> {
    return Promise.resolve(this.#backups.get(name)?.slice() ?? null)
  }

  list(): Promise<string[]> {
    return Promise.resolve([...this.#backups.keys()].sort())
  }

  remove(name: string): Promise<void> {
    this.#backups.delete(name)
    return Promise.resolve()
  }

  /** A backup is here as a whole or not at all. */
  removeUnfinished(): Promise<void> {
    return Promise.resolve()
  }
}
