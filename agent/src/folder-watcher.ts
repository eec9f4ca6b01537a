import { lstat } from 'node:fs/promises'
import { basename } from 'node:path'
import { type FSWatcher, watch } from 'chokidar'
import type { Startable } from '@orlop/protocol/lifecycle'
import { lookAtFile } from './found-file.ts'
import type { FoundFile } from './spool/spool.ts'

export interface FolderWatcherOptions {
  /** Folders to watch, with everything below them; made by the caller. */
  folders: readonly string[]
  /** A file counts as finished when its size has not changed for this long. */
  settledMs: number
}

/** Who is told what a watcher finds. */
export interface FolderListener {
  onFile: (file: FoundFile) => Promise<void>
  /** A symbolic link was left alone. */
  onLink: (path: string) => void
  /** A folder or file could not be looked at; watching goes on. */
  onFailure: (error: unknown) => void
}

/** Names that writers give to unfinished files, and hidden files. A rename to the final name makes the file known. */
const UNFINISHED = /^\.|~$|\.(part|partial|tmp|temp|crdownload|swp)$/i

/** Whether a file of this name is left alone until it is renamed. */
export function isUnfinishedName(path: string): boolean {
  return UNFINISHED.test(basename(path))
}

/**
 * Finds finished files in watched folders: those there at start, and those that come later. A file is handed over once it has kept
 * its size for `settledMs`, or has been renamed into place; the upload itself checks again that it does not change while read.
 * Symbolic links are not followed: one could lead out of the folder, to a file that nobody meant to store.
 */
export class FolderWatcher implements Startable {
  readonly #options: FolderWatcherOptions
  readonly #listener: FolderListener
  #watcher: FSWatcher | null = null

  constructor(options: FolderWatcherOptions, listener: FolderListener) {
    this.#options = options
    this.#listener = listener
  }

  /** Resolves when watching has begun; files already there are handed over as soon as they have settled. */
  async start(): Promise<void> {
    if (this.#watcher !== null) return
    const watcher = watch([...this.#options.folders], {
      ignored: (path, stats) => stats?.isFile() === true && isUnfinishedName(path),
      awaitWriteFinish: { stabilityThreshold: this.#options.settledMs, pollInterval: 100 },
      followSymlinks: false,
    })
    this.#watcher = watcher
    watcher.on('add', (path) => void this.#take(path))
    watcher.on('change', (path) => void this.#take(path))
    watcher.on('error', this.#listener.onFailure)
    await new Promise<void>((resolve) => watcher.once('ready', resolve))
  }

  async stop(): Promise<void> {
    await this.#watcher?.close()
    this.#watcher = null
  }

  async #take(path: string): Promise<void> {
    const { onFile, onLink, onFailure } = this.#listener
    try {
      const file = await lookAtFile(path)
      if (file !== null) await onFile(file)
      else if ((await lstat(path)).isSymbolicLink()) onLink(path)
    } catch (error) {
      onFailure(error)
    }
  }
}
