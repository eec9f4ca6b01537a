import { isOrlopError, throwIfAborted } from '@orlop/protocol/errors'
import { formatObjectId } from '@orlop/protocol/ids'
import type { ActionOptions } from '../action-options.ts'
import type { ClientContext } from '../context.ts'
import { assertSealable } from './object-sealing.ts'
import type { ByteSource } from '../pipeline/byte-source.ts'
import { replanUpload } from './plan-upload.ts'
import type { SealedSpool } from './sealed-spool.ts'
import { hasReached, type UploadRecord } from './upload-record.ts'
import { UploadRun } from './upload-run.ts'

/** What an upload needs beside its record. */
export interface UploadInputs {
  /** Opens the plaintext; called only when the object is not sealed yet. */
  readonly openSource: () => Promise<ByteSource>
  readonly passphrase: string | null
}

/**
 * Runs an upload, new or left over from an earlier run, to *stored*. What was sealed is sent from the spool; what was only partly
 * sealed begins again as a new object.
 *
 * @throws as `UploadRun.finish`. After a failure that comes before sealing has ended nothing is left on disk; after a later one
 *   the upload can be continued; so can that of a file whose card went away (`CARD_UNAVAILABLE`) or whose centre
 *   gave no key (`APP_KEYS_UNREACHABLE`).
 */
export async function performUpload(
  context: ClientContext,
  record: UploadRecord,
  inputs: UploadInputs,
  options: ActionOptions = {},
): Promise<UploadRecord> {
  throwIfAborted(options.signal, 'The upload')
  if (record.sealed === null) assertSealable(context, record)
  const { record: ready, spool } = await openSpool(context, record)
  const objectName = formatObjectId(ready.objectId)
  context.activeUploads.add(objectName)
  try {
    await context.home.uploads.put(ready)
    const { signal } = options
    const request = { record: ready, spool, ...inputs }
    const run = new UploadRun(context, signal === undefined ? request : { ...request, signal })
    try {
      return await run.finish()
    } catch (error) {
      if (run.record.sealed === null && !canWait(run.record, error)) {
        await dropUpload(context, run.record)
      }
      throw error
    }
  } finally {
    context.activeUploads.delete(objectName)
    await spool.close()
  }
}

/** An upload that stopped because its card did, or the centre of its application, goes on when that is back; unless nothing could read its plaintext again. */
function canWait({ source, hasPassphrase }: UploadRecord, error: unknown): boolean {
  const isAway =
    isOrlopError(error, 'CARD_UNAVAILABLE') || isOrlopError(error, 'APP_KEYS_UNREACHABLE')
  return isAway && source.kind === 'file' && !hasPassphrase
}

/** Forgets an upload that cannot be continued. What nodes hold of it runs out by itself. */
export async function dropUpload(context: ClientContext, record: UploadRecord): Promise<void> {
  await context.home.uploads.delete(record.objectId)
  await context.home.spool.remove(formatObjectId(record.objectId))
}

async function openSpool(
  context: ClientContext,
  record: UploadRecord,
): Promise<{ record: UploadRecord; spool: SealedSpool }> {
  const { spool: spools } = context.home
  if (record.sealed !== null) {
    const { objectId, sealed } = record
    const spool = await spools.openComplete(formatObjectId(objectId), sealed.streamBytes)
    if (spool !== null) return { record, spool }
  }
  let fresh = record
  if (hasReached(record, 'sealing')) {
    await dropUpload(context, record)
    fresh = replanUpload(record)
  }
  return { record: fresh, spool: await spools.create(formatObjectId(fresh.objectId)) }
}
