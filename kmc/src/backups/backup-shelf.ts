/** Where backups lie. Names are backup ids: 32 hexadecimal digits. Several processes may have the same one. */
export interface BackupShelf {
  /**
   * Keeps a backup, in place of one with the same name, on disk when it resolves. What others left unfinished of it is removed.
   *
   * @param mayReplace - asked last, when nothing but the name is missing; what it throws leaves everything as it was.
   */
  put(name: string, bytes: Uint8Array, mayReplace: () => void): Promise<void>
  /** The backup, or null. */
  get(name: string): Promise<Uint8Array | null>
  /** All names, in order. */
  list(): Promise<string[]>
  /** Removes a backup, if it is there, and what was left unfinished of it. */
  remove(name: string): Promise<void>
  /** Removes what a writer that was killed left unfinished of a backup. One that still writes it fails. */
  removeUnfinished(name: string): Promise<void>
}

/** What the name of a backup looks like. */
export const BACKUP_NAME = /^[0-9a-f]{32}$/
