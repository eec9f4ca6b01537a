import { basename, dirname } from 'node:path'
import { openRegularFile } from '../open-regular-file.ts'
import { HEAD_BYTES, type Subject } from './subject.ts'

/**
 * Reads what classification needs of a file: its head and its size.
 *
 * @param path the file; its own folders become {@link Subject.folder}.
 * @throws OrlopError `USAGE` when it cannot be opened or is not a regular file.
 */
export async function readSubject(path: string): Promise<Subject> {
  const file = await openRegularFile(path)
  try {
    const { size } = await file.stat()
    const buffer = new Uint8Array(Math.min(HEAD_BYTES, size))
    let length = 0
    while (length < buffer.length) {
      const { bytesRead } = await file.read(buffer, length, buffer.length - length, length)
      if (bytesRead === 0) break
      length += bytesRead
    }
    const folder = dirname(path).replaceAll('\\', '/')
    return { name: basename(path), folder, sizeBytes: size, head: buffer.subarray(0, length) }
  } finally {
    await file.close()
  }
}
