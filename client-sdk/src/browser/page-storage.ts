import { type DBSchema, type IDBPDatabase, openDB } from 'idb'
import { OrlopError } from '@orlop/protocol/errors'

const VERSION = 1

/** Everything a client keeps in a browser: records as the home folder has them, and sealed bytes on their way. */
export interface PageSchema extends DBSchema {
  records: { key: string; value: Uint8Array }
  /** By the object's name and the offset of the piece. */
  spool: { key: [objectName: string, offset: number]; value: Uint8Array }
}

export type PageStorage = IDBPDatabase<PageSchema>

/** What the browser calls the storage of a home. */
export function storageName(home: string): string {
  return `orlop/${home}`
}

/**
 * Opens the browser's own storage of this origin.
 *
 * @throws OrlopError `VERSION_UNSUPPORTED` when a later version of Orlop wrote it; `CONFIG_INVALID` when the browser has none for
 *   this page.
 */
export async function openPageStorage(name: string): Promise<PageStorage> {
  try {
    return await openDB<PageSchema>(storageName(name), VERSION, {
      upgrade(storage) {
        storage.createObjectStore('records')
        storage.createObjectStore('spool')
      },
    })
  } catch (cause) {
    if (nameOf(cause) === 'VersionError') {
      throw new OrlopError(
        'VERSION_UNSUPPORTED',
        `The browser's storage '${name}' was written by a later version of Orlop. Load the page again, or use another name.`,
        { cause },
      )
    }
    throw new OrlopError(
      'CONFIG_INVALID',
      `The browser gives this page no storage '${name}'. Allow the site to keep data, or leave private browsing; without a home everything stays in memory.`,
      { cause },
    )
  }
}

/** An error of the storage in the words of the SDK; others stay as they are. */
export function asStorageError(cause: unknown): unknown {
  if (nameOf(cause) !== 'QuotaExceededError') return cause
  return new OrlopError(
    'DISK_FULL',
    'The browser gives this page no more storage; sealed bytes on their way need room there. Free some space and try again.',
    { cause },
  )
}

function nameOf(error: unknown): string | null {
  return error instanceof Error || error instanceof DOMException ? error.name : null
}
