import type { CatalogueEntry } from '@orlop/client-sdk/index'
import { DATA_CLASSES, IMPORTANCES, nameOfCode } from '@orlop/protocol/data-classes'
import { formatObjectId } from '@orlop/protocol/ids'
import { formatBytes, formatTable, formatTime } from './output.ts'

/** A catalogue entry as `--json` prints it. */
export function describeEntry(entry: CatalogueEntry): object {
  return {
    objectId: formatObjectId(entry.objectId),
    ownerId: entry.ownerId,
    name: entry.name,
    mediaType: entry.mediaType,
    class: nameOfCode(DATA_CLASSES, entry.classCode),
    importance: nameOfCode(IMPORTANCES, entry.importance),
    level: entry.level,
    suite: entry.suite,
    labels: entry.labels,
    plainBytes: entry.plainBytes,
    sealedBytes: entry.sealedBytes,
    created: new Date(entry.createdMs).toISOString(),
    expiry: new Date(entry.expiry * 1000).toISOString(),
    state: entry.state,
    strips: entry.strips.map(({ index, nodeId, transactionHash }) => ({
      index,
      nodeId,
      txHash: transactionHash ?? null,
    })),
  }
}

/** Entries as people read them. */
export function formatEntries(entries: readonly CatalogueEntry[]): string {
  if (entries.length === 0) return 'No objects. Store one with: orlop put FILE'
  const rows = entries.map((entry) => [
    formatObjectId(entry.objectId),
    formatTime(entry.createdMs),
    formatBytes(entry.plainBytes),
    nameOfCode(DATA_CLASSES, entry.classCode),
    nameOfCode(IMPORTANCES, entry.importance),
    entry.state,
    entry.name,
  ])
  return formatTable(['OBJECT', 'MADE', 'SIZE', 'CLASS', 'IMPORTANCE', 'STATE', 'NAME'], rows)
}
