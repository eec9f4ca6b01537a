/** Where backups lie. Names are backup ids: 32 hexadecimal digits. */
export interface BackupShelf {
  /** Keeps a backup, in place of one with the same name, on disk when it resolves. */
  put(name: string, bytes: Uint8Array): Promise<void>
  /** The backup, or null. */
  get(name: string): Promise<Uint8Array | null>
  /** All names, in order. */
  list(): Promise<string[]>
  /** Removes a backup, if it is there. */
  remove(name: string): Promise<void>
}

/** What the name of a backup looks like. */
export const BACKUP_NAME = /^[0-9a-f]{32}$/
