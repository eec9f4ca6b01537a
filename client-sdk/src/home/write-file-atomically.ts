import { link, open, rename, unlink } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { encodeHex, randomBytes } from '@orlop/crypto/bytes'

export interface WriteFileOptions {
  /** Permissions of the file, as 0o600. */
  readonly mode: number
  /** False leaves a file that is there alone, also one that another process makes at this moment. */
  readonly overwrite: boolean
}

/**
 * Writes a whole file so that a crash leaves either what was there before or the new one, on disk when this resolves.
 *
 * @throws Error `EEXIST` of the file system when the file is there and must not be replaced.
 */
export async function writeFileAtomically(
  path: string,
  content: string | Uint8Array,
  { mode, overwrite }: WriteFileOptions,
): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path)}.${encodeHex(randomBytes(6))}.part`)
  try {
    const file = await open(temporary, 'wx', mode)
    try {
      await file.writeFile(content)
      await file.sync()
    } finally {
      await file.close()
    }
    await publishFile(temporary, path, overwrite)
  } catch (error) {
    await unlink(temporary).catch(() => undefined)
    throw error
  }
  await syncFolder(dirname(path))
}

/** Gives a finished file its name. A rename replaces what is there; a link refuses to, also against a race. */
export async function publishFile(part: string, path: string, overwrite: boolean): Promise<void> {
  if (overwrite) return rename(part, path)
  await link(part, path)
  // The file has its name, whatever becomes of the other one.
  await unlink(part).catch(() => undefined)
}

/** Makes a rename in a folder durable. Some systems cannot open a folder; there the rename itself has to do. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => null)
  if (handle === null) return
  await handle.sync().catch(() => undefined)
  await handle.close()
}
