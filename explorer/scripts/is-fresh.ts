import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'

/** When the newest file at or below a path was written, in ms; 0 where there is nothing. */
async function newestMs(path: string): Promise<number> {
  const facts = await stat(path).catch(() => null)
  if (facts === null) return 0
  if (!facts.isDirectory()) return facts.mtimeMs
  const names = await readdir(path)
  const times = await Promise.all(names.map((name) => newestMs(join(path, name))))
  return Math.max(0, ...times)
}

/**
 * Whether what was built is newer than everything it is made of.
 *
 * @param built - a file that the build writes; it may be missing.
 * @param sources - files and folders.
 */
export async function isFresh(built: string, sources: readonly string[]): Promise<boolean> {
  const [builtMs, ...sourceMs] = await Promise.all([built, ...sources].map(newestMs))
  return builtMs !== undefined && builtMs > Math.max(0, ...sourceMs)
}
