import { applicationsOf } from '../envelope/applications-of.ts'
import type { CatalogueEntry } from '../home/catalogue.ts'
import type { OpenedObject } from './open-object.ts'

/** What the catalogue keeps of an object that was opened. */
export function entryOfObject(
  { view, opened }: OpenedObject,
  known: CatalogueEntry | null,
): CatalogueEntry {
  const { manifest, header, envelope, envelopeHash } = opened
  const proofs = new Map(known?.strips.map((strip) => [`${strip.nodeId}/${strip.sequence}`, strip]))
  return {
    objectId: view.objectId,
    ownerId: view.ownerId,
    name: manifest.name,
    mediaType: manifest.mediaType,
    classCode: manifest.classCode,
    importance: manifest.importance,
    level: header.level,
    suite: header.suite,
    codec: manifest.codec,
    cipherPath: manifest.cipherPath,
    labels: manifest.labels,
    plainBytes: manifest.plainBytes,
    plainSha256: manifest.plainSha256,
    sealedBytes: view.streamBytes,
    createdMs: manifest.createdMs,
    storedMs: known?.storedMs ?? view.recordedMs,
    expiry: view.expiry,
    headerHash: view.headerHash,
    envelopeVersion: Math.max(envelope.version, known?.envelopeVersion ?? 0),
    envelopeHash,
    sharedWith: opened.sharedWith,
    ...applicationsOf(envelope.stanzas),
    state: known?.state === 'final' ? 'final' : view.recordedMs > 0 ? 'recorded' : 'stored',
    strips: view.holders.map(({ index, nodeId, sequence, root, transactionHash }) => {
      const { commit, ack } = proofs.get(`${nodeId}/${sequence}`) ?? {}
      return {
        index,
        nodeId,
        sequence,
        root,
        ...(commit === undefined ? {} : { commit }),
        ...(ack === undefined ? {} : { ack }),
        ...(transactionHash === null ? {} : { transactionHash }),
      }
    }),
  }
}
