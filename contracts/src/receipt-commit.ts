import type { Receipt } from '@orlop/protocol/ledger-records'
import type { Commit } from '@orlop/protocol/messages/storing'

/** The commit that a receipt records: what its client signed, or for a moved strip what the move made of it. */
export function commitOf(receipt: Omit<Receipt, 'position' | 'batchId'>): Commit {
  return {
    objectId: receipt.objectId,
    headerHash: receipt.headerHash,
    root: receipt.root,
    streamBytes: receipt.streamBytes,
    expiry: receipt.expiry,
    sequence: receipt.sequence,
    clientId: receipt.clientId,
    nodeId: receipt.nodeId,
    classCode: receipt.classCode,
    index: receipt.index,
    k: receipt.k,
    m: receipt.m,
    level: receipt.level,
    flags: receipt.flags,
  }
}
