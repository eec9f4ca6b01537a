import { compareBytes } from '@orlop/crypto/bytes'
import type { Deployment } from '@orlop/protocol/deployment'
import type { Receipt } from '@orlop/protocol/ledger-records'
import { commitType, type Commit } from '@orlop/protocol/messages/storing'
import { digestOf } from '@orlop/protocol/typed-message'

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

/** Whether two commits say the same in every field: then they have the same EIP-712 digest. */
export function isSameCommit(deployment: Deployment, one: Commit, other: Commit): boolean {
  const digest = (commit: Commit) => digestOf(commitType, deployment, commit)
  return compareBytes(digest(one), digest(other)) === 0
}
