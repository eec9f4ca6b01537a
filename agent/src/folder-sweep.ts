import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { lookAtFile } from './found-file.ts'
import type { FoundFile } from './spool/spool.ts'

export interface FolderSweepOptions {
  readonly folders: readonly string[]
  /** A file counts as finished when it has not changed for this long. */
  readonly settledMs: number
  /** Whether a file of this name is left alone. */
  readonly isIgnored: (path: string) => boolean
}

/** A file as it was last seen, and since when it is so. */
interface Seen {
  readonly facts: string
  readonly sinceMs: number
  isHanded: boolean
}

/**
 * Finds files by looking at everything, for what notifications leave out: what is written into a new folder before that is watched, and
 * what was never notified, as on network drives.
 */
export class FolderSweep {
  readonly #options: FolderSweepOptions
  #seen = new Map<string, Seen>()

  constructor(options: FolderSweepOptions) {
    this.#options = options
  }

  /** A file was handed over as it is: it is not found unless it changes. */
  noteHanded(file: FoundFile): void {
    this.#seen.set(file.path, { facts: factsOf(file), sinceMs: 0, isHanded: true })
  }

  /**
   * Looks at everything once.
   *
   * @param nowMs - by a clock that only runs forward.
   * @param onFailure - told of what could not be looked at; the rest is.
   * @returns finished files that were not handed over as they are.
   */
  async look(nowMs: number, onFailure: (error: unknown) => void): Promise<FoundFile[]> {
    const before = this.#seen
    const now = new Map<string, Seen>()
    const found: FoundFile[] = []
    for (const folder of this.#options.folders) {
      for (const path of await this.#filesUnder(folder, onFailure)) {
        const file = await lookAtFile(path)
        if (file === null) continue
        const facts = factsOf(file)
        const known = before.get(path)
        const seen = known?.facts === facts ? known : { facts, sinceMs: nowMs, isHanded: false }
        now.set(path, seen)
        if (!seen.isHanded && nowMs - seen.sinceMs >= this.#options.settledMs) found.push(file)
      }
    }
    // What was handed over meanwhile stays known; what is gone does not.
    for (const [path, { isHanded }] of this.#seen) {
      const seen = now.get(path)
      if (isHanded && seen !== undefined && this.#seen.get(path)?.facts === seen.facts) {
        seen.isHanded = true
      }
    }
    this.#seen = now
    return found.filter(({ path }) => now.get(path)?.isHanded !== true)
  }

  async #filesUnder(folder: string, onFailure: (error: unknown) => void): Promise<string[]> {
    try {
      const entries = await readdir(folder, { recursive: true, withFileTypes: true })
      return entries
        .filter((entry) => entry.isFile() && !this.#options.isIgnored(entry.name))
        .map(({ parentPath, name }) => join(parentPath, name))
    } catch (error) {
      onFailure(error)
      return []
    }
  }
}

function factsOf({ sizeBytes, modifiedMs }: FoundFile): string {
  return `${sizeBytes}/${modifiedMs}`
}
