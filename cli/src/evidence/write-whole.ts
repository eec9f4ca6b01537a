import { randomUUID } from 'node:crypto'
import { constants, copyFile, rename, rm, writeFile } from 'node:fs/promises'

/**
 * Writes a file whole: one that is replaced is there as it was, or as it is to be.
 *
 * @param options - `mayReplace`: a file that is there is replaced; else it stays.
 * @throws Error of the system, `EEXIST` when a file is there and may not be replaced.
 */
export async function writeWhole(
  file: string,
  bytes: Uint8Array,
  { mayReplace }: { readonly mayReplace: boolean },
): Promise<void> {
  const temporary = `${file}.${randomUUID()}.part`
  try {
    await writeFile(temporary, bytes, { flush: true, flag: 'wx' })
    try {
      if (mayReplace) await rename(temporary, file)
      // No hard link: sticks and cards that evidence is carried on have none.
      else await copyFile(temporary, file, constants.COPYFILE_EXCL)
    } catch (error) {
      // The system names the temporary file; people know the other.
      if (error instanceof Error) Object.assign(error, { path: file })
      throw error
    }
  } finally {
    await rm(temporary, { force: true })
  }
}
