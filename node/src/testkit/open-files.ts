import { readdir, readlink } from 'node:fs/promises'
import { isAbsolute, relative } from 'node:path'

const DESCRIPTORS = '/proc/self/fd'

/** Files under a folder that this process has open, by their path in it; null where the system does not tell. */
export async function openFilesUnder(folder: string): Promise<string[] | null> {
  const descriptors = await readdir(DESCRIPTORS).catch(() => null)
  if (descriptors === null) return null
  const targets = await Promise.all(
    descriptors.map((name) => readlink(`${DESCRIPTORS}/${name}`).catch(() => '')),
  )
  return targets
    .filter((target) => isAbsolute(target))
    .map((target) => relative(folder, target))
    .filter((path) => !path.startsWith('..'))
}
