import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Folders for tests, deleted together at the end. */
export class TemporaryFolders {
  readonly #folders: string[] = []

  /** A new empty folder. */
  async make(): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), 'orlop-sdk-'))
    this.#folders.push(folder)
    return folder
  }

  async removeAll(): Promise<void> {
    for (const folder of this.#folders.splice(0)) await rm(folder, { recursive: true, force: true })
  }
}
