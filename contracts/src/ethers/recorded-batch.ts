import type { Deployment } from '@orlop/protocol/deployment'
import { commitType } from '@orlop/protocol/messages/storing'
import { TypedDataEncoder, getBytes } from 'ethers'
import type { OrlopContracts } from '../orlop-contracts.ts'
import { unpackTerms, type Terms } from '../packed-commit.ts'
import type { RpcLog } from '../rpc/rpc-shapes.ts'

/** A commit as its event gives it: numbers of 64 bits may be beyond what JavaScript counts exactly. */
export interface RecordedCommit extends Terms {
  objectId: string
  clientId: bigint
  nodeId: bigint
  headerHash: string
  root: string
}

export interface RecordedReceipt {
  commit: RecordedCommit
  log: RpcLog
}

/** A batch rebuilt from the logs of its transaction. */
export interface RecordedBatch {
  batchId: number
  receipts: RecordedReceipt[]
}

/** The commit in a `ReceiptRecorded` log; null for any other log. */
export function recordedCommit({ receipts }: OrlopContracts, log: RpcLog): RecordedCommit | null {
  const event = receipts.decodeLog(log)
  if (event?.name !== 'ReceiptRecorded') return null
  const { objectId, clientId, nodeId, headerHash, root, terms } = event.args
  return {
    objectId,
    clientId: BigInt(clientId),
    nodeId: BigInt(nodeId),
    headerHash,
    root,
    ...unpackTerms(BigInt(terms)),
  }
}

/** The batches of one transaction, each with its receipts in the order of its leaves (`IReceipts.BatchRecorded`). */
export function batchesOf(contracts: OrlopContracts, logs: readonly RpcLog[]): RecordedBatch[] {
  const batches: RecordedBatch[] = []
  let receipts: RecordedReceipt[] = []
  for (const log of logs) {
    const commit = recordedCommit(contracts, log)
    if (commit !== null) receipts.push({ commit, log })
    const event = contracts.receipts.decodeLog(log)
    if (event?.name !== 'BatchRecorded') continue
    batches.push({ batchId: Number(event.args.batchId), receipts })
    receipts = []
  }
  return batches
}

const commitStruct = {
  Commit: Object.entries(commitType.fields).map(([name, type]) => ({ name, type })),
}

/** The leaf of a commit in its batch: its EIP-712 digest, whatever its numbers. */
export function leafOf(deployment: Deployment, commit: RecordedCommit): Uint8Array {
  const domain = {
    name: 'Orlop',
    version: '1',
    chainId: deployment.chainId,
    verifyingContract: deployment.receipts,
  }
  return getBytes(TypedDataEncoder.hash(domain, commitStruct, commit))
}
