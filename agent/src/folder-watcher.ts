import { lstat } from 'node:fs/promises'
import { basename } from 'node:path'
import { type FSWatcher, watch } from 'chokidar'
import type { Startable } from '@orlop/protocol/lifecycle'
import { FolderSweep } from './folder-sweep.ts'
import { lookAtFile } from './found-file.ts'
import type { FoundFile } from './spool/spool.ts'

export interface FolderWatcherOptions {
  /** Folders to watch, with everything below them; made by the caller. */
  folders: readonly string[]
  /** A file counts as finished when its size has not changed for this long. */
  settledMs: number
  /** From one look at everything to the next; 10 s when left out. */
  sweepMs?: number
}

const SWEEP_MS = 10_000

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
 * Symbolic links are not followed: one could lead out of the folder, to a file that nobody meant to store. What notifications leave out,
 * such as files that come with a new folder before that is watched, is found by looking at everything from time to time.
 */
export class FolderWatcher implements Startable {
  readonly #options: FolderWatcherOptions
  readonly #listener: FolderListener
  readonly #notify: typeof watch
  readonly #sweep: FolderSweep
  #watcher: FSWatcher | null = null
  #timer: NodeJS.Timeout | undefined
  #sweeping: Promise<void> = Promise.resolve()

  /** @param notify - starts notifications; chokidar's when left out. */
  constructor(options: FolderWatcherOptions, listener: FolderListener, notify = watch) {
    this.#options = options
    this.#notify = notify
    this.#listener = listener
    this.#sweep = new FolderSweep({ ...options, isIgnored: isUnfinishedName })
  }

  /** Resolves when watching has begun; files already there are handed over as soon as they have settled. */
  async start(): Promise<void> {
    if (this.#watcher !== null) return
    const watcher = this.#notify([...this.#options.folders], {
      ignored: (path, stats) => stats?.isFile() === true && isUnfinishedName(path),
      awaitWriteFinish: { stabilityThreshold: this.#options.settledMs, pollInterval: 100 },
      followSymlinks: false,
    })
    this.#watcher = watcher
    watcher.on('add', (path) => void this.#take(path))
    watcher.on('change', (path) => void this.#take(path))
    watcher.on('error', this.#listener.onFailure)
    await new Promise<void>((resolve) => watcher.once('ready', resolve))
    this.#sweepLater()
  }

  async stop(): Promise<void> {
    const watcher = this.#watcher
    this.#watcher = null
    clearTimeout(this.#timer)
    await watcher?.close()
    await this.#sweeping
  }

  #sweepLater(): void {
    this.#timer = setTimeout(() => {
      this.#sweeping = this.#lookAtAll()
    }, this.#options.sweepMs ?? SWEEP_MS)
  }

  async #lookAtAll(): Promise<void> {
    const { onFailure } = this.#listener
    try {
      for (const { path } of await this.#sweep.look(performance.now(), onFailure)) {
        if (this.#watcher === null) return
        await this.#take(path)
      }
    } catch (error) {
      onFailure(error)
    }
    if (this.#watcher !== null) this.#sweepLater()
  }

  async #take(path: string): Promise<void> {
    const { onFile, onLink, onFailure } = this.#listener
    try {
      const file = await lookAtFile(path)
      if (file !== null) {
        await onFile(file)
        this.#sweep.noteHanded(file)
      } else if ((await lstat(path)).isSymbolicLink()) onLink(path)
    } catch (error) {
      onFailure(error)
    }
  }
}
