import { encodeHex, compareBytes } from '@orlop/crypto/bytes'
import { batchRoot } from '@orlop/contracts/batch-tree'
import { commitOf } from '@orlop/contracts/receipt-commit'
import type { ApiReceipt } from '@orlop/protocol/api/receipts'
import type { Deployment } from '@orlop/protocol/deployment'
import { formatObjectId } from '@orlop/protocol/ids'
import type { Receipt } from '@orlop/protocol/ledger-records'
import { commitType } from '@orlop/protocol/messages/storing'
import { digestOf } from '@orlop/protocol/typed-message'

/** What a check asks of a ledger. */
export interface ProofLedger {
  readonly deployment: Deployment
  /** Every receipt of one block, in ledger order. */
  receiptsOfBlock(blockNumber: number, signal?: AbortSignal): Promise<Receipt[]>
  /** The root that the contract computed for a batch: 32 bytes. */
  batchRoot(batchId: number, signal?: AbortSignal): Promise<Uint8Array>
}

/** What the ledger says of a strip that a gateway shows. `batch`: the contract has another root for its batch. */
export type StripVerdict =
  { kind: 'ok' } | { kind: 'missing' } | { kind: 'differs'; field: string } | { kind: 'batch' }

const FIELDS = [
  'root',
  'headerHash',
  'objectId',
  'clientId',
  'streamBytes',
  'index',
  'k',
  'm',
  'level',
  'classCode',
  'batchId',
] as const

/** A receipt's facts as the gateway writes them. */
function asShown(receipt: Receipt): Pick<ApiReceipt, (typeof FIELDS)[number]> {
  return {
    ...receipt,
    root: `0x${encodeHex(receipt.root)}`,
    headerHash: `0x${encodeHex(receipt.headerHash)}`,
    objectId: formatObjectId(receipt.objectId),
  }
}

/**
 * Holds what a gateway shows of an object's strips against the ledger: each receipt must be there with the same facts, and the root
 * that this code computes of its batch must be the one the contract has.
 *
 * @returns one verdict a strip, in their order.
 * @throws OrlopError `LEDGER_UNREACHABLE`, `LEDGER_MISMATCH`, as the ledger does.
 */
export async function verifyStrips(
  strips: readonly ApiReceipt[],
  ledger: ProofLedger,
  options: { signal?: AbortSignal } = {},
): Promise<StripVerdict[]> {
  const blocks = new Map<number, Promise<Receipt[]>>()
  const batches = new Map<number, Promise<boolean>>()
  const once = <T>(known: Map<number, Promise<T>>, key: number, read: () => Promise<T>) => {
    const reading = known.get(key) ?? read()
    known.set(key, reading)
    return reading
  }
  const judge = async (strip: ApiReceipt): Promise<StripVerdict> => {
    const { blockNumber } = strip.position
    const receipts = await once(blocks, blockNumber, () =>
      ledger.receiptsOfBlock(blockNumber, options.signal),
    )
    const own = receipts.find(
      ({ nodeId, sequence }) => nodeId === strip.nodeId && sequence === strip.sequence,
    )
    if (own === undefined) return { kind: 'missing' }
    const found = asShown(own)
    const field = FIELDS.find((each) => found[each] !== strip[each])
    if (field !== undefined) return { kind: 'differs', field }
    const isProven = await once(batches, own.batchId, () =>
      provesBatch(ledger, own.batchId, receipts, options.signal),
    )
    return isProven ? { kind: 'ok' } : { kind: 'batch' }
  }
  return Promise.all(strips.map(judge))
}

async function provesBatch(
  ledger: ProofLedger,
  batchId: number,
  receipts: readonly Receipt[],
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const leaves = receipts
    .filter((receipt) => receipt.batchId === batchId)
    .map((receipt) => digestOf(commitType, ledger.deployment, commitOf(receipt)))
  return compareBytes(batchRoot(leaves), await ledger.batchRoot(batchId, signal)) === 0
}
