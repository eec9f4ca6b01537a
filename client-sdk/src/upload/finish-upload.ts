import { DATA_CLASSES, type DataClass, IMPORTANCES } from '@orlop/protocol/data-classes'
import { formatObjectId } from '@orlop/protocol/ids'
import type { ClientContext } from '../context.ts'
import type { CatalogueEntry } from '../home/catalogue.ts'
import { scoreUpload } from '../rating/score-upload.ts'
import { uploadFactsOf } from './store-result.ts'
import type { UploadRecord } from './upload-record.ts'

/**
 * Puts a stored object into the catalogue with the nodes' signed acknowledgements, notes which receipts to follow, and deletes what the
 * upload needed on disk: last of all, so that a crash anywhere before it leaves an upload that only needs to be finished again.
 */
export async function finishUpload(
  context: ClientContext,
  record: UploadRecord,
): Promise<CatalogueEntry> {
  const { home } = context
  const objectName = formatObjectId(record.objectId)
  const entry = entryOf(context, record)
  await home.catalogue.put(entry)
  if (record.requestKey !== undefined) {
    const { objectId } = record
    await home.requests.put(record.requestKey, { objectId, ...uploadFactsOf(record) })
  }
  await home.pending.put({
    kind: 'receipts',
    objectId: record.objectId,
    receipts: scoreUpload(context, record),
    missedMs: null,
    handedToNodeIds: [],
    handedMs: 0,
  })
  await home.leases.end(objectName)
  await home.uploads.delete(record.objectId)
  await home.spool.remove(objectName)
  return entry
}

function entryOf(context: ClientContext, record: UploadRecord): CatalogueEntry {
  const { sealed, treatment } = record
  if (sealed === null) throw new TypeError('upload: expected to be sealed when it is stored')
  return {
    objectId: record.objectId,
    ownerId: context.identity.clientId,
    name: record.name,
    mediaType: record.mediaType,
    classCode: DATA_CLASSES[treatment.dataClass as DataClass],
    importance: IMPORTANCES[treatment.importance],
    level: treatment.level,
    suite: treatment.suite,
    codec: sealed.codec,
    cipherPath: sealed.cipherPath,
    labels: treatment.labels,
    plainBytes: sealed.plainBytes,
    plainSha256: sealed.plainSha256,
    sealedBytes: sealed.streamBytes,
    createdMs: record.createdMs,
    storedMs: context.home.clockOffset.nowMs(),
    expiry: record.expiry,
    headerHash: sealed.headerHash,
    envelopeVersion: 1,
    envelopeHash: sealed.envelopeHash,
    sharedWith: record.recipientIds.length + (record.hasPassphrase ? 1 : 0),
    ...(sealed.applications === undefined ? {} : { applications: sealed.applications }),
    state: 'stored',
    strips: record.commits.map((commit) => {
      const { index, nodeId, sequence, root } = commit.message
      const ack = record.acks.find(({ message }) => message.nodeId === nodeId)
      return { index, nodeId, sequence, root, commit, ...(ack === undefined ? {} : { ack }) }
    }),
  }
}
