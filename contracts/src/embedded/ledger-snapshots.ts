import { readFile, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { writeDurably } from './write-durably.ts'

/** The one before is kept, should the newest not be readable. */
const KEPT_SNAPSHOTS = 2
const NAME = /^state-(\d{10})\.json\.gz$/

/** The whole states of an embedded ledger in a folder, each a file that is there as a whole or not at all. */
export class LedgerSnapshots {
  readonly #folder: string

  constructor(folder: string) {
    this.#folder = folder
  }

  /**
   * Keeps a state and forgets all but the one before it.
   *
   * @param compressed - anvil's own dump, gzip, whose checksum is checked when it is read.
   */
  async save(compressed: Uint8Array): Promise<void> {
    const names = await this.names()
    const newest = Number(NAME.exec(names[0] ?? '')?.[1] ?? 0)
    const name = `state-${String(newest + 1).padStart(10, '0')}.json.gz`
    await writeDurably(join(this.#folder, name), compressed)
    for (const old of names.slice(KEPT_SNAPSHOTS - 1)) await rm(join(this.#folder, old))
  }

  /** Names of the states, newest first. */
  async names(): Promise<string[]> {
    const names = await readdir(this.#folder)
    return names.filter((name) => NAME.test(name)).sort((left, right) => (left < right ? 1 : -1))
  }

  /** A state as JSON text; null when the file is damaged. */
  async read(name: string): Promise<Uint8Array | null> {
    try {
      return await promisify(gunzip)(await readFile(join(this.#folder, name)))
    } catch {
      return null
    }
  }
}
