import type { ActionOptions } from '../action-options.ts'
import type { ClientContext } from '../context.ts'
import { requireFiles } from '../files/file-access.ts'
import type { CatalogueEntry } from '../home/catalogue.ts'
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
  const files = requireFiles(context)
  const { entry, stream } = await retrieve(context, request, options)
  const file = typeof request.file === 'string' ? request.file : request.file(entry)
  await files.write(file, stream, { overwrite: request.overwrite ?? false })
  return entry
}
