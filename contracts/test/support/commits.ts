import {
  Signature,
  keccak256,
  type Contract,
  type ContractTransactionReceipt,
  type Wallet,
} from 'ethers'
import {
  eventsOf,
  hash,
  send,
  type Citation,
  type Commit,
  type Ledger,
  type Member,
} from './ledger.ts'
import { digestOf } from './messages.ts'

export interface PackedCommit {
  objectId: string
  headerHash: string
  root: string
  terms: bigint
  parties: bigint
  r: string
  vs: string
}

export interface PackedAck {
  storedAtMs: bigint
  r: string
  vs: string
}

const zero = `0x${'00'.repeat(32)}`
export const NO_ACK: PackedAck = { storedAtMs: 0n, r: zero, vs: zero }
export const FAR_EXPIRY = 4_000_000_000n

/** A plain commit of one of two copies; `label` decides what object it is about. */
export function commitOf(parts: {
  client: Member
  node: Member
  sequence: number
  label?: string
}) {
  const label = parts.label ?? `${parts.node.id}/${parts.sequence}`
  const commit: Commit = {
    objectId: hash(`object ${label}`),
    headerHash: hash(`header ${label}`),
    root: hash(`root ${label}`),
    streamBytes: 1_234_567n,
    expiry: FAR_EXPIRY,
    sequence: BigInt(parts.sequence),
    clientId: parts.client.id,
    nodeId: parts.node.id,
    classCode: 1,
    index: 0,
    k: 1,
    m: 1,
    level: 2,
    flags: 1,
  }
  return commit
}

export function termsOf(commit: Commit): bigint {
  return (
    (commit.streamBytes << 184n) |
    (commit.expiry << 120n) |
    (commit.sequence << 56n) |
    (BigInt(commit.classCode) << 40n) |
    (BigInt(commit.index) << 32n) |
    (BigInt(commit.k) << 24n) |
    (BigInt(commit.m) << 16n) |
    (BigInt(commit.level) << 8n) |
    BigInt(commit.flags)
  )
}

export function commitDigest(ledger: Ledger, commit: Commit): string {
  return digestOf('Commit', ledger.domainOf(ledger.receipts), { ...commit })
}

export function halves(signature: string): { r: string; vs: string } {
  const { r, yParityAndS } = Signature.from(signature)
  return { r, vs: yParityAndS }
}

/** A commit signed by its client, as `record` takes it. */
export function pack(ledger: Ledger, commit: Commit, signer: Wallet): PackedCommit {
  return {
    objectId: commit.objectId,
    headerHash: commit.headerHash,
    root: commit.root,
    terms: termsOf(commit),
    parties: (BigInt(commit.clientId) << 32n) | BigInt(commit.nodeId),
    ...halves(ledger.sign(signer, 'Commit', { ...commit })),
  }
}

/** A node's acknowledgement of a commit. */
export function acknowledge(ledger: Ledger, commit: Commit, signer: Wallet): PackedAck {
  const storedAtMs = 1_700_000_000_000n
  const commitHash = commitDigest(ledger, commit)
  const signature = ledger.sign(signer, 'Ack', { commitHash, nodeId: commit.nodeId, storedAtMs })
  return { storedAtMs, ...halves(signature) }
}

/** Reference of the batch tree: levels from leaves to root, a last node without neighbour going up unchanged. */
export function treeOf(leaves: string[]): string[][] {
  const levels = [leaves]
  for (let level = leaves; level.length > 1; level = levels.at(-1) ?? []) {
    const next: string[] = []
    for (let i = 0; i < level.length; i += 2) {
      const [left, right] = [level[i] ?? '', level[i + 1]]
      next.push(right === undefined ? left : hashPair(left, right))
    }
    levels.push(next)
  }
  return levels
}

export function proofOf(leaves: string[], position: number): string[] {
  const proof: string[] = []
  let at = position
  for (const level of treeOf(leaves).slice(0, -1)) {
    const sibling = level[at ^ 1]
    if (sibling !== undefined) proof.push(sibling)
    at >>= 1
  }
  return proof
}

function hashPair(a: string, b: string): string {
  return a < b ? keccak256(a + b.slice(2)) : keccak256(b + a.slice(2))
}

/** Records commits through their own node and returns a citation of each. All must be accepted. */
export async function recordAll(
  ledger: Ledger,
  commits: Commit[],
  parties: { client: Member; node: Member },
): Promise<Citation[]> {
  const packed = commits.map((commit) => pack(ledger, commit, parties.client.wallet))
  const receipt = await send(ledger.receipts, parties.node.wallet, 'record', packed, [])
  const batchId = batchOf(ledger.receipts, receipt)
  const leaves = commits.map((commit) => commitDigest(ledger, commit))
  return commits.map((commit, i) => ({ commit, batchId, proof: proofOf(leaves, i) }))
}

export function batchOf(receipts: Contract, receipt: ContractTransactionReceipt): bigint {
  const [batch] = eventsOf(receipts, receipt, 'BatchRecorded')
  return batch === undefined ? 0n : (batch.args.getValue('batchId') as bigint)
}
