import { assertBytes, assertInteger, concat, equalConstantTime } from './bytes.ts'
import { AuthenticationError, MalformedError } from './errors.ts'
import {
  BLOCK_BYTES,
  blockCount,
  hashLeaf,
  hashNode,
  LEAF_BYTES,
  leafCount,
  MERKLE_HASH_BYTES,
  merkleRoot,
  merkleRootOfHashes,
} from './merkle.ts'

/**
 * The inclusion proof of one leaf (RFC 9162 2.1.3.1): sibling hashes from the leaf up to the root.
 *
 * @param hashes - the hashes of all leaves (or of all blocks: then of one block), side by side
 * @param index - which leaf, from 0
 * @returns the siblings, 32 bytes each, side by side
 * @throws RangeError when there is no such leaf
 */
export function buildInclusionProof(hashes: Uint8Array, index: number): Uint8Array<ArrayBuffer> {
  const count = countOf(hashes)
  assertInteger('index', index, { min: 0, max: count - 1 })
  const siblings: Uint8Array[] = []
  let start = 0
  let end = count
  while (end - start > 1) {
    const middle = start + largestPowerBelow(end - start)
    const isLeft = index < middle
    siblings.push(rootOfRange(hashes, isLeft ? middle : start, isLeft ? end : middle))
    if (isLeft) end = middle
    else start = middle
  }
  return concat(...siblings.reverse())
}

/** What {@link verifyInclusion} needs. */
export interface InclusionClaim {
  /** The leaf's bytes: 4096, or fewer for the last leaf. */
  readonly leaf: Uint8Array
  /** Which leaf, from 0. */
  readonly index: number
  /** Length of the whole stream, from its commit. */
  readonly streamBytes: number
  /** Siblings from the leaf up, side by side. */
  readonly proof: Uint8Array
  readonly root: Uint8Array
}

/**
 * Verifies the inclusion proof of one leaf (RFC 9162 2.1.3.2).
 *
 * @returns whether the leaf is at this place of the stream with this root; `false` also when leaf
 *   or proof have a wrong length
 * @throws RangeError when the stream has no leaf of this index
 */
export function verifyInclusion(claim: InclusionClaim): boolean {
  assertBytes('root', claim.root, MERKLE_HASH_BYTES)
  const count = leafCount(claim.streamBytes)
  assertInteger('index', claim.index, { min: 0, max: count - 1 })
  const leafBytes = Math.min(LEAF_BYTES, claim.streamBytes - claim.index * LEAF_BYTES)
  if (claim.leaf.length !== leafBytes) return false
  if (claim.proof.length % MERKLE_HASH_BYTES !== 0) return false
  let hash: Uint8Array = hashLeaf(claim.leaf)
  let position = claim.index
  let last = count - 1
  for (let at = 0; at < claim.proof.length; at += MERKLE_HASH_BYTES) {
    if (last === 0) return false
    const sibling = claim.proof.subarray(at, at + MERKLE_HASH_BYTES)
    if (position % 2 === 1 || position === last) {
      hash = hashNode(sibling, hash)
      while (position % 2 === 0 && position !== 0) {
        position /= 2
        last = Math.floor(last / 2)
      }
    } else {
      hash = hashNode(hash, sibling)
    }
    position = Math.floor(position / 2)
    last = Math.floor(last / 2)
  }
  return last === 0 && equalConstantTime(hash, claim.root)
}

/**
 * The proof for a run of neighbouring blocks of 64 KiB: the roots of the largest subtrees outside
 * the run, from left to right.
 *
 * @param blockHashes - the hashes of all blocks of the stream, 32 bytes each, side by side
 * @param run - first block and end (exclusive)
 * @throws RangeError unless 0 ≤ firstBlock < endBlock ≤ number of blocks
 */
export function buildBlockProof(
  blockHashes: Uint8Array,
  run: { readonly firstBlock: number; readonly endBlock: number },
): Uint8Array<ArrayBuffer> {
  const count = countOf(blockHashes)
  assertInteger('endBlock', run.endBlock, { min: 1, max: count })
  assertInteger('firstBlock', run.firstBlock, { min: 0, max: run.endBlock - 1 })
  const outside: Uint8Array[] = []
  const walk = (start: number, end: number): void => {
    if (start >= run.firstBlock && end <= run.endBlock) return
    if (end <= run.firstBlock || start >= run.endBlock) {
      outside.push(rootOfRange(blockHashes, start, end))
      return
    }
    const middle = start + largestPowerBelow(end - start)
    walk(start, middle)
    walk(middle, end)
  }
  walk(0, count)
  return concat(...outside)
}

/** What {@link verifyBlocks} needs. */
export interface BlocksClaim {
  /** Bytes of the stream from the start of `firstBlock`: whole blocks, or up to its end. */
  readonly bytes: Uint8Array
  readonly firstBlock: number
  /** Length of the whole stream, from its commit. */
  readonly streamBytes: number
  readonly proof: Uint8Array
  readonly root: Uint8Array
}

/**
 * Verifies that bytes stand at this place of the stream with this root.
 *
 * @throws AuthenticationError when they do not
 * @throws MalformedError when the bytes are not whole blocks of the stream, or the proof has a
 *   wrong length
 */
export function verifyBlocks(claim: BlocksClaim): void {
  assertBytes('root', claim.root, MERKLE_HASH_BYTES)
  const { firstBlock, streamBytes } = claim
  const count = blockCount(streamBytes)
  const endBlock = firstBlock + blockCount(claim.bytes.length)
  const endByte = firstBlock * BLOCK_BYTES + claim.bytes.length
  const isWhole = endByte === Math.min(endBlock * BLOCK_BYTES, streamBytes)
  if (firstBlock < 0 || firstBlock >= endBlock || endBlock > count || !isWhole) {
    throw new MalformedError('bytes are not whole blocks of the stream; fetch them again')
  }
  let used = 0
  const nextHash = (): Uint8Array => {
    const hash = claim.proof.subarray(used, used + MERKLE_HASH_BYTES)
    if (hash.length !== MERKLE_HASH_BYTES) throw wrongProof()
    used += MERKLE_HASH_BYTES
    return hash
  }
  const walk = (start: number, end: number): Uint8Array => {
    if (end <= firstBlock || start >= endBlock) return nextHash()
    if (start >= firstBlock && end <= endBlock) {
      const from = (start - firstBlock) * BLOCK_BYTES
      return merkleRoot(claim.bytes.subarray(from, (end - firstBlock) * BLOCK_BYTES))
    }
    const middle = start + largestPowerBelow(end - start)
    const left = walk(start, middle)
    return hashNode(left, walk(middle, end))
  }
  const root = walk(0, count)
  if (used !== claim.proof.length) throw wrongProof()
  if (!equalConstantTime(root, claim.root)) {
    throw new AuthenticationError('bytes are not those of the stream; fetch them from another node')
  }
}

/** Root of a part of the leaves; every part the proofs ask for is a subtree of the whole. */
function rootOfRange(hashes: Uint8Array, start: number, end: number): Uint8Array {
  return merkleRootOfHashes(hashes.subarray(start * MERKLE_HASH_BYTES, end * MERKLE_HASH_BYTES))
}

function countOf(hashes: Uint8Array): number {
  assertBytes('hashes', hashes)
  assertInteger('hashes', hashes.length % MERKLE_HASH_BYTES, { min: 0, max: 0 })
  return hashes.length / MERKLE_HASH_BYTES
}

/** The largest power of two below `count` (RFC 9162 2.1.1), for `count` of at least 2. */
function largestPowerBelow(count: number): number {
  let power = 1
  while (power * 2 < count) power *= 2
  return power
}

function wrongProof(): MalformedError {
  return new MalformedError('proof has a wrong number of hashes; ask another node')
}
