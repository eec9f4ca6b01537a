import { formatObjectId } from '@orlop/protocol/ids'
import type { ClientContext } from '../context.ts'
import type { UploadRecord, UploadState } from '../upload/upload-record.ts'

/** An upload that has not come to its end. */
export interface UnfinishedUpload {
  readonly objectId: string
  readonly name: string
  readonly state: UploadState
  /** Whether it goes on in this client now. */
  readonly isActive: boolean
  /** Sealed bytes are in the spool: it can be continued without its source. */
  readonly isSealed: boolean
  /** Of the plaintext, or the most it can be. */
  readonly plainBytes: number
  /** Sealed bytes on the ingress node's disk, and of how many; null before all is sealed. */
  readonly durableBytes: number
  readonly totalBytes: number | null
  /** The caller's name for the request; null where it gave none. */
  readonly requestKey: string | null
}

/** The uploads of this home that are under way, or were left unfinished by an earlier run, in the order of their beginning. */
export async function uploads(context: ClientContext): Promise<UnfinishedUpload[]> {
  const records = await context.home.uploads.all()
  return records
    .sort((one, other) => one.startedMs - other.startedMs)
    .map((record) => describe(context, record))
}

function describe(context: ClientContext, record: UploadRecord): UnfinishedUpload {
  const { name, state, source, sealed, durableBytes, requestKey = null } = record
  const objectId = formatObjectId(record.objectId)
  const sourceBytes = source.kind === 'file' ? source.sizeBytes : source.maxPlainBytes
  return {
    objectId,
    name,
    state,
    isActive: context.activeUploads.has(objectId),
    isSealed: sealed !== null,
    plainBytes: sealed?.plainBytes ?? sourceBytes,
    durableBytes,
    totalBytes: sealed?.streamBytes ?? null,
    requestKey,
  }
}
