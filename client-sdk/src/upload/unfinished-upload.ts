import { OrlopError } from '@orlop/protocol/errors'
import { formatObjectId } from '@orlop/protocol/ids'
import type { ClientContext } from '../context.ts'
import { type Recipient, recipientIdOf } from '../envelope/recipient-keys.ts'
import { requireFiles } from '../files/file-access.ts'
import type { Treatment } from '../policy/schema.ts'
import type { StoreSource } from './plan-upload.ts'
import type { UploadApplication, UploadRecord } from './upload-record.ts'

/** What a request and an upload that was begun are compared by. */
export interface UnfinishedRequest {
  readonly source: StoreSource
  readonly name?: string
  readonly overrides?: Treatment
  readonly recipients?: readonly Recipient[]
  readonly passphrase?: string
  readonly application: UploadApplication | null
  readonly requestKey?: string
}

/** An upload of this request, or of this very file, unchanged and asked for in the same way, that an earlier run did not finish. */
export async function unfinishedUpload(
  context: ClientContext,
  request: UnfinishedRequest,
): Promise<UploadRecord | null> {
  const { requestKey } = request
  if (requestKey !== undefined) {
    const named = await context.home.uploads.find((record) => record.requestKey === requestKey)
    if (named !== null && context.activeUploads.has(formatObjectId(named.objectId))) {
      throw requestUnderWay(requestKey)
    }
    return named
  }
  if (!('path' in request.source)) return null
  const files = requireFiles(context)
  const path = files.absolutePath(request.source.path)
  const found = await files.stateOf(path)
  // Who opens it says what is wrong.
  if (found === null) return null
  const recipientIds = (request.recipients ?? []).map(recipientIdOf).join()
  return context.home.uploads.find(
    ({ source, objectId, ...record }) =>
      !context.activeUploads.has(formatObjectId(objectId)) &&
      record.requestKey === undefined &&
      source.kind === 'file' &&
      source.path === path &&
      source.sizeBytes === found.sizeBytes &&
      source.modifiedMs === found.modifiedMs &&
      (request.name === undefined || request.name === record.name) &&
      record.recipientIds.join() === recipientIds &&
      record.hasPassphrase === (request.passphrase !== undefined) &&
      applicationText(record.application) === applicationText(request.application) &&
      isCustodyWanted(record, request),
  )
}

function applicationText(application: UploadApplication | null | undefined): string | null {
  if (application === null || application === undefined) return null
  const { appId, keyId, exclusive } = application
  return [appId, keyId, exclusive].join('/')
}

/** Custodians that a call names must be those of the upload; what a policy says was settled when it began. */
function isCustodyWanted(
  { treatment }: Pick<UploadRecord, 'treatment'>,
  { overrides }: UnfinishedRequest,
): boolean {
  const wanted = overrides?.custody
  return wanted === undefined || custodyText(wanted) === custodyText(treatment.custody)
}

function custodyText(custody: Treatment['custody']): string | null {
  if (custody === undefined) return null
  if ('sm2Key' in custody) return custody.sm2Key
  return `${custody.threshold} of ${custody.custodians.join()}`
}

export function requestUnderWay(requestKey: string): OrlopError {
  return new OrlopError(
    'USAGE',
    `A request of the name '${requestKey}' is under way in this process. Wait for it, or give this one another name.`,
  )
}
