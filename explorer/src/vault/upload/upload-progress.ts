import type { ClientEvent } from '@orlop/client-sdk/browser'
import type { UploadItem } from './upload-item.ts'

/** What an event changes of an upload; null for what the page does not show. */
export function progressOf(item: UploadItem, event: ClientEvent): Partial<UploadItem> | null {
  const { objectName: objectId } = event
  switch (event.type) {
    case 'classified':
    case 'chosen':
    case 'offered':
      return { phase: 'asking', objectId }
    case 'accepted':
      return { phase: 'sending', objectId, trouble: null }
    case 'sent': {
      const { durableBytes: sentBytes, totalBytes } = event
      return { phase: 'sending', objectId, sentBytes, totalBytes, trouble: null }
    }
    case 'retrying':
      return { objectId, trouble: event.reason }
    case 'committed':
    case 'held':
      return { phase: 'committing', objectId, trouble: null }
    case 'stored':
      return { phase: 'recording', objectId, trouble: null }
    case 'recorded':
    case 'final':
      return { phase: 'done' }
    case 'refused':
    case 'unreachable':
    case 'replaced':
    case 'sealed':
    case 'ack':
    case 'rated':
    case 'received':
    case 'withheld':
    case 'damaged':
    case 'card-lost':
    case 'rewrapped':
      return null
  }
}

/** How much of an upload is on a node's disk, 0 to 1; what is not sealed yet counts as it is. */
export function shareSent({ phase, sentBytes, totalBytes, sizeBytes }: UploadItem): number {
  if (phase === 'committing' || phase === 'recording' || phase === 'done') return 1
  const ofBytes = totalBytes ?? sizeBytes
  return ofBytes === 0 ? 0 : Math.min(1, sentBytes / ofBytes)
}
