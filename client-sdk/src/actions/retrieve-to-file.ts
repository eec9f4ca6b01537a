import { open, unlink } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { encodeHex, freeMemory, randomBytes } from '@orlop/crypto/bytes'
import { isOrlopError, OrlopError } from '@orlop/protocol/errors'
import type { ActionOptions } from '../action-options.ts'
import type { ClientContext } from '../context.ts'
import type { CatalogueEntry } from '../home/catalogue.ts'
import { publishFile, syncFolder } from '../home/write-file-atomically.ts'
import { retrieve, type RetrieveRequest } from './retrieve.ts'

/** Which object, and where its bytes go. */
export interface RetrieveToFileRequest extends RetrieveRequest {
  /** Path of the file, or how it follows from the object's name. */
  readonly file: string | ((entry: CatalogueEntry) => string)
  /** Whether a file that is there is replaced; an error when left out. */
  readonly overwrite?: boolean
}

/**
 * Fetches an object into a file. The file appears under its name only when every byte is there and verified, and is then on disk;
 * until then, and after any failure, nothing of it is to be seen.
 *
 * @throws OrlopError `ALREADY_EXISTS` when the file is there and may not be replaced; `DISK_FULL`; and as `retrieve`.
 */
export async function retrieveToFile(
  context: ClientContext,
  request: RetrieveToFileRequest,
  options: ActionOptions = {},
): Promise<CatalogueEntry> {
  const { entry, stream } = await retrieve(context, request, options)
  const file = resolve(typeof request.file === 'string' ? request.file : request.file(entry))
  // Not made of the file's own name, which may be as long as the file system allows.
  const part = join(dirname(file), `.orlop-${encodeHex(randomBytes(8))}.part`)
  try {
    await writeAll(part, stream)
    await publishFile(part, file, request.overwrite ?? false)
  } catch (error) {
    await unlink(part).catch(() => undefined)
    throw isOrlopError(error) ? error : fileError(file, error)
  }
  await syncFolder(dirname(file))
  return entry
}

async function writeAll(part: string, stream: AsyncIterable<Uint8Array>): Promise<void> {
  const handle = await open(part, 'wx', 0o600)
  try {
    for await (const piece of stream) {
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
