import { open } from 'node:fs/promises'

/** A new or renamed entry survives a power cut only when its folder is synced. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}
