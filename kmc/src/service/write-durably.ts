import { mkdir, open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'

/** How {@link writeDurably} goes about it. */
export interface WriteDurablyOptions {
  /** What is written first, in the same folder; the path with `.part` unless given. Where several write the same file, each needs its own. */
  readonly part?: string
  /** Asked when all is on disk but the name: throws when the file must not be replaced any more. */
  readonly mayReplace?: () => void
}

/**
 * Replaces a file as a whole, for its owner only: after a crash there is the old one or the new one, and maybe a part, which the next
 * writer replaces. Makes its folder when missing. When it fails, nothing of the content stays.
 */
export async function writeDurably(
  path: string,
  content: Uint8Array | string,
  { part = `${path}.part`, mayReplace = () => {} }: WriteDurablyOptions = {},
): Promise<void> {
  const folder = dirname(path)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  try {
    await writeSynced(part, content)
    mayReplace()
    await rename(part, path)
  } catch (error) {
    await rm(part, { force: true })
    throw error
  }
  await syncFolder(folder)
}

async function writeSynced(path: string, content: Uint8Array | string): Promise<void> {
  const file = await open(path, 'w', 0o600)
  try {
    await file.writeFile(content)
    await file.sync()
  } finally {
    await file.close()
  }
}

/** A renamed or removed file survives a power cut only when its folder is synced. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
