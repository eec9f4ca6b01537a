import { type FileHandle, open } from 'node:fs/promises'
import { OrlopError } from '@orlop/protocol/errors'

/**
 * Opens a file for reading; the caller closes it.
 *
 * @throws OrlopError `USAGE`, naming the path, when it cannot be opened or is not a regular file.
 */
export async function openRegularFile(path: string): Promise<FileHandle> {
  const handle = await openForReading(path)
  try {
    if ((await handle.stat()).isFile()) return handle
    throw new OrlopError('USAGE', `${path} is not a regular file. Name a file.`, {
      details: { path },
    })
  } catch (error) {
    await handle.close()
    throw error
  }
}

async function openForReading(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'r')
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    if (code === 'ENOENT') {
      throw new OrlopError('USAGE', `${path} does not exist. Check the path.`, {
        cause,
        details: { path },
      })
    }
    const reason = cause instanceof Error ? cause.message : 'unknown reason'
    throw new OrlopError(
      'USAGE',
      `${path} cannot be read (${reason}). Check its path and rights.`,
      { cause, details: { path } },
    )
  }
}
