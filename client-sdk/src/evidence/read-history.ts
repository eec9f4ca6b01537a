import { encodeHex } from '@orlop/crypto/bytes'
import { OrlopError } from '@orlop/protocol/errors'
import type { LedgerReader } from '@orlop/protocol/ledger'
import type { CreditEvent, ObjectEvent, Receipt } from '@orlop/protocol/ledger-records'
import { type EvidenceSubject, MAX_EVIDENCE_RECEIPTS } from './evidence-format.ts'

/** Everything that the ledger says of a subject, in its order. */
export interface History {
  readonly receipts: readonly Receipt[]
  readonly events: readonly ObjectEvent[]
  /** Of these receipts, as far as they changed a node's credit. */
  readonly ratings: readonly CreditEvent[]
}

export interface ReadHistoryOptions {
  /** The newest block that counts. */
  readonly toBlock: number
  readonly signal?: AbortSignal
}

/**
 * Reads from the ledger what evidence tells of: all receipts of the objects, whenever they were recorded, and all that came of them.
 *
 * @throws OrlopError `LIMIT_EXCEEDED` when it is more than one file holds; `LEDGER_UNREACHABLE`, `LEDGER_MISMATCH`.
 */
export async function readHistory(
  ledger: LedgerReader,
  subject: EvidenceSubject,
  options: ReadHistoryOptions,
): Promise<History> {
  const { toBlock, ...call } = options
  const { clientId } = subject
  const wanted = await objectsOf(ledger, subject, options)
  const filters =
    subject.kind === 'objects'
      ? subject.objectIds.map((objectId) => ({ clientId, objectId, toBlock }))
      : [{ clientId, toBlock }]
  const isWanted = ({ objectId }: { objectId: Uint8Array }) => wanted.has(encodeHex(objectId))
  const receipts: Receipt[] = []
  const events: ObjectEvent[] = []
  for (const filter of filters) {
    await gather(ledger.receipts(filter, call), isWanted, receipts)
    await gather(ledger.objectEvents(filter, call), isWanted, events)
  }
  const keys = new Set(receipts.map(receiptKey))
  const fromBlock = Math.min(toBlock, ...receipts.map(({ position }) => position.blockNumber))
  const ratings: CreditEvent[] = []
  const given = ledger.creditEvents({ clientId, fromBlock, toBlock }, call)
  await gather(given, (rating) => keys.has(receiptKey(rating)), ratings)
  return {
    receipts: receipts.sort(byPlace),
    events: events.sort(byPlace),
    ratings: ratings.sort(byPlace),
  }
}

/** Names a receipt. */
export function receiptKey({ nodeId, sequence }: { nodeId: number; sequence: number }): string {
  return `${nodeId}/${sequence}`
}

/** Which objects, in hexadecimal. Those of a period are found first, since one receipt in the period brings all of its object's. */
async function objectsOf(
  ledger: LedgerReader,
  subject: EvidenceSubject,
  { toBlock, ...call }: ReadHistoryOptions,
): Promise<Set<string>> {
  if (subject.kind === 'objects') return new Set(subject.objectIds.map(encodeHex))
  const { clientId, fromMs, toMs } = subject
  const found = new Set<string>()
  for await (const { objectId, position } of ledger.receipts({ clientId, toBlock }, call)) {
    const { blockTimeMs } = position
    if (blockTimeMs >= fromMs && blockTimeMs < toMs) found.add(encodeHex(objectId))
  }
  return found
}

async function gather<T>(
  found: AsyncIterable<T>,
  isWanted: (item: T) => boolean,
  into: T[],
): Promise<void> {
  for await (const item of found) {
    if (!isWanted(item)) continue
    into.push(item)
    if (into.length <= MAX_EVIDENCE_RECEIPTS) continue
    throw new OrlopError(
      'LIMIT_EXCEEDED',
      `The ledger holds more than ${MAX_EVIDENCE_RECEIPTS} records of this, which is what one evidence file takes. Export a shorter period, or fewer objects.`,
    )
  }
}

type Placed = Pick<Receipt, 'position'>

function byPlace({ position: left }: Placed, { position: right }: Placed): number {
  return left.blockNumber - right.blockNumber || left.logIndex - right.logIndex
}
