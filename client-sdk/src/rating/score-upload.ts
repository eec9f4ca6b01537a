import type { ClientContext } from '../context.ts'
import type { AwaitedReceipt } from '../home/pending-store.ts'
import type { UploadRecord } from '../upload/upload-record.ts'
import { scoreOf } from './score.ts'

/** Below this much sending time a speed says nothing about a node. */
const LEAST_MEASURED_MS = 1_000

/** Scores every node of a stored object by what was measured. Only the ingress node's link was seen; the others kept their word. */
export function scoreUpload(context: ClientContext, record: UploadRecord): AwaitedReceipt[] {
  const { measured, placement } = record
  const isMeasured = measured.sendingMs >= LEAST_MEASURED_MS
  const speed = isMeasured ? (1000 * measured.sentBytes) / measured.sendingMs : null
  return record.commits.map(({ message: { nodeId, sequence } }) => {
    const isIngress = nodeId === placement?.ingressNodeId
    const score = scoreOf({
      bytesPerSecond: isIngress ? speed : null,
      expectedBytesPerSecond: context.settings.expectedBytesPerSecond,
      interruptions: isIngress ? measured.interruptions : 0,
      gaveWrongData: false,
    })
    return { nodeId, sequence, ...score }
  })
}
