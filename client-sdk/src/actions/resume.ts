import type { ErrorCode } from '@orlop/protocol/error-codes'
import { isOrlopError, OrlopError, throwIfAborted } from '@orlop/protocol/errors'
import { formatObjectId } from '@orlop/protocol/ids'
import { type ActionOptions, contextFor } from '../action-options.ts'
import type { ClientContext } from '../context.ts'
import { requireFiles } from '../files/file-access.ts'
import { requireAdmitted } from '../require-admitted.ts'
import { objectIdOf } from '../retrieve/open-object.ts'
import { finishUpload } from '../upload/finish-upload.ts'
import { dropUpload, performUpload } from '../upload/perform-upload.ts'
import { type StoreResult, storeResultOf, uploadFactsOf } from '../upload/store-result.ts'
import type { UploadRecord } from '../upload/upload-record.ts'

/** An upload that could not be continued. */
export interface NotResumed {
  readonly objectId: string
  readonly name: string
  readonly code: ErrorCode
  readonly reason: string
}

/** What became of the uploads that an earlier run left behind. */
export interface Resumed {
  readonly stored: readonly StoreResult[]
  readonly failed: readonly NotResumed[]
}

/** Which uploads are continued. */
export interface ResumeOptions extends ActionOptions {
  /** Only this one, as `uploads` names it; every one when left out. */
  readonly objectId?: Uint8Array | string
}

/**
 * Continues every upload that an earlier run of this home left unfinished, one after the other. What was sealed is sent from the
 * spool; a file that was not is read again; a stream that was not is gone with its process and is given up.
 *
 * @throws OrlopError `NOT_ADMITTED`, `ABORTED`. What goes wrong with one upload is told in the result.
 */
export async function resume(outer: ClientContext, options: ResumeOptions = {}): Promise<Resumed> {
  const context = contextFor(outer, options)
  await requireAdmitted(context, options)
  const stored: StoreResult[] = []
  const failed: NotResumed[] = []
  for (const record of await leftOver(context, options)) {
    if (context.activeUploads.has(formatObjectId(record.objectId))) continue
    try {
      const done = await resumeOne(context, record, options)
      const entry = await finishUpload(context, done)
      stored.push(await storeResultOf(context, uploadFactsOf(done), entry))
    } catch (error) {
      throwIfAborted(options.signal, 'The upload')
      if (!isOrlopError(error)) throw error
      const { code, message: reason } = error
      const { name, objectId } = record
      failed.push({ objectId: formatObjectId(objectId), name, code, reason })
    }
  }
  return { stored, failed }
}

async function leftOver(
  { home }: ClientContext,
  { objectId }: ResumeOptions,
): Promise<UploadRecord[]> {
  if (objectId === undefined) return home.uploads.all()
  const record = await home.uploads.get(objectIdOf(objectId))
  return record === null ? [] : [record]
}

async function resumeOne(
  context: ClientContext,
  record: UploadRecord,
  options: ActionOptions,
): Promise<UploadRecord> {
  const { source } = record
  if (record.state === 'stored') return record
  if (record.sealed === null && (source.kind === 'stream' || record.hasPassphrase)) {
    await dropUpload(context, record)
    throw notRepeatable(record)
  }
  const openSource = () => {
    if (source.kind === 'file') return requireFiles(context).openSource(source.path)
    throw notRepeatable(record)
  }
  return performUpload(context, record, { openSource, passphrase: null }, options)
}

function notRepeatable({ name, hasPassphrase }: UploadRecord): OrlopError {
  const why = hasPassphrase ? 'its passphrase is not kept' : 'its stream ended with its process'
  return new OrlopError(
    'USAGE',
    `The upload of '${name}' had not been sealed when it was interrupted, and ${why}. Store it again.`,
  )
}
