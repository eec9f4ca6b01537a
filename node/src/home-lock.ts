import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { LevelIndex } from './storage/level-index.ts'

/** Held while a node runs on its home. The operating system lets go of it when the process dies, however it dies. */
export interface HomeLock {
  release(): Promise<void>
}

/**
 * Takes the home for this process, before anything else touches it: two nodes with one key would sign against each other. LevelDB's
 * own lock does the work (`fcntl`), since Node offers none.
 *
 * @throws OrlopError `HOME_LOCKED` when another process runs on it.
 */
export async function lockHome(home: string): Promise<HomeLock> {
  await mkdir(home, { recursive: true, mode: 0o700 })
  const lock = await LevelIndex.open(join(home, 'lock'))
  return { release: () => lock.close() }
}
