import { lstat, open, stat, unlink } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { encodeHex, freeMemory, randomBytes } from '@orlop/crypto/bytes'
import { isOrlopError, OrlopError } from '@orlop/protocol/errors'
import { readSubject } from '../classify/read-subject.ts'
import { publishFile, syncFolder } from '../home/write-file-atomically.ts'
import { openFileSource } from '../pipeline/file-source.ts'
import type { FileAccess } from './file-access.ts'

/** The files of this computer. */
export const nodeFiles: FileAccess = {
  absolutePath: (path) => resolve(path),
  readSubject: (path) => readSubject(resolve(path)),
  openSource: (path) => openFileSource(resolve(path)),

  async stateOf(path) {
    const found = await stat(path).catch(() => null)
    return found === null ? null : { sizeBytes: found.size, modifiedMs: found.mtimeMs }
  },

  async isInState(path, { sizeBytes, modifiedMs }) {
    const found = await lstat(path).catch(() => null)
    if (found === null) return null
    return found.size === sizeBytes && found.mtimeMs === modifiedMs && found.isFile()
  },

  async write(path, pieces, { overwrite }) {
    const file = resolve(path)
    // Not made of the file's own name, which may be as long as the file system allows.
    const part = join(dirname(file), `.orlop-${encodeHex(randomBytes(8))}.part`)
    try {
      await writeAll(part, pieces)
      await publishFile(part, file, overwrite)
    } catch (error) {
      await unlink(part).catch(() => undefined)
      throw isOrlopError(error) ? error : fileError(file, error)
    }
    await syncFolder(dirname(file))
  },
}

async function writeAll(part: string, pieces: AsyncIterable<Uint8Array>): Promise<void> {
  const handle = await open(part, 'wx', 0o600)
  try {
    for await (const piece of pieces) {
      for (let written = 0; written < piece.length;) {
        const { bytesWritten } = await handle.write(piece, written, piece.length - written)
        written += bytesWritten
      }
      freeMemory(piece)
    }
    await handle.sync()
  } finally {
    await handle.close()
  }
}

function fileError(file: string, cause: unknown): unknown {
  const code = cause instanceof Error && 'code' in cause ? cause.code : null
  if (code === 'EEXIST') {
    return new OrlopError(
      'ALREADY_EXISTS',
      `${file} exists already. Give another name, or let it be replaced (--overwrite).`,
      { cause, details: { file } },
    )
  }
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new OrlopError(
      'DISK_FULL',
      `The disk of ${file} is full. Free some space and try again.`,
      {
        cause,
        details: { file },
      },
    )
  }
  return cause
}
