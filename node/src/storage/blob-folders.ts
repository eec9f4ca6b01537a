import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { encodeHex } from '@orlop/crypto/bytes'
import { diskError, unlessMissing } from './disk-errors.ts'
import type { BlobEntry, StripKey } from './interfaces.ts'
import { formatStripName, parseStripName } from './strip-name.ts'
import { syncFolder } from './sync-folder.ts'

const STRIP = '.strip'
const HASHES = '.blocks'

/**
 * Where things are: `staging/<name>.strip` while bytes arrive, `strips/<first object byte>/<name>.strip` when final, its block
 * hashes in `<name>.blocks` beside it. The rename between the two, made durable, is the moment a strip becomes visible.
 */
export class BlobFolders {
  readonly #root: string
  readonly #staging: string
  readonly #strips: string

  constructor(root: string) {
    this.#root = root
    this.#staging = join(root, 'staging')
    this.#strips = join(root, 'strips')
  }

  /** Makes the folders. */
  async create(): Promise<void> {
    await mkdir(this.#staging, { recursive: true })
    await mkdir(this.#strips, { recursive: true })
    await syncFolder(this.#root)
  }

  staged(key: StripKey): string {
    return join(this.#staging, formatStripName(key) + STRIP)
  }

  final(key: StripKey): string {
    return join(this.#fan(key), formatStripName(key) + STRIP)
  }

  hashes(key: StripKey): string {
    return join(this.#fan(key), formatStripName(key) + HASHES)
  }

  async makeFinal(key: StripKey): Promise<void> {
    await rename(this.staged(key), this.final(key))
    await syncFolder(this.#fan(key))
  }

  async makeStaged(key: StripKey): Promise<void> {
    await rename(this.final(key), this.staged(key))
    await syncFolder(this.#staging)
    await this.#drop(this.hashes(key), this.#fan(key))
  }

  /** Moves a final strip to the folder `unknown`, where nothing looks for it. */
  async moveAway(key: StripKey): Promise<void> {
    const away = join(this.#root, 'unknown')
    await mkdir(away, { recursive: true })
    await rename(this.final(key), join(away, formatStripName(key) + STRIP))
    await syncFolder(away)
    await this.#drop(this.hashes(key), this.#fan(key))
  }

  async deleteStaged(key: StripKey): Promise<boolean> {
    return this.#drop(this.staged(key), this.#staging)
  }

  async deleteFinal(key: StripKey): Promise<boolean> {
    await rm(this.hashes(key), { force: true })
    return this.#drop(this.final(key), this.#fan(key))
  }

  /** Makes the folder of a strip to come, durably. */
  async prepareFan(key: StripKey): Promise<void> {
    const made = await mkdir(this.#fan(key), { recursive: true }).catch((error: unknown) => {
      throw diskError(error, 'a folder')
    })
    if (made !== undefined) await syncFolder(this.#strips)
  }

  /** Makes a new name in the staging folder durable. */
  async syncStaging(): Promise<void> {
    await syncFolder(this.#staging)
  }

  async *list(): AsyncIterable<BlobEntry> {
    yield* this.#listFolder(this.#staging, 'staged')
    for (const fan of await readdir(this.#strips)) {
      yield* this.#listFolder(join(this.#strips, fan), 'final')
    }
  }

  /** Deletes hash files whose strip is not there. @returns how many. */
  async deleteOrphanHashes(): Promise<number> {
    let deleted = 0
    for (const fan of await readdir(this.#strips)) {
      const names = new Set(await readdir(join(this.#strips, fan)))
      for (const name of names) {
        if (!name.endsWith(HASHES) || names.has(name.slice(0, -HASHES.length) + STRIP)) continue
        await rm(join(this.#strips, fan, name))
        deleted += 1
      }
    }
    return deleted
  }

  async *#listFolder(folder: string, place: BlobEntry['place']): AsyncIterable<BlobEntry> {
    for (const name of await readdir(folder)) {
      const key = name.endsWith(STRIP) ? parseStripName(name.slice(0, -STRIP.length)) : null
      if (key === null) continue
      const stats = await unlessMissing(stat(join(folder, name)))
      if (stats === null) continue
      yield { key, place, lengthBytes: stats.size, lastWriteMs: Math.floor(stats.mtimeMs) }
    }
  }

  #fan(key: StripKey): string {
    return join(this.#strips, encodeHex(key.objectId.subarray(0, 1)))
  }

  async #drop(path: string, folder: string): Promise<boolean> {
    const found = await unlessMissing(rm(path))
    if (found === null) return false
    await syncFolder(folder)
    return true
  }
}
