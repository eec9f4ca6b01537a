import { compareBytes, concat } from '@orlop/crypto/bytes'
import { keccak256 } from '@orlop/crypto/hash'

function parentOf(left: Uint8Array, right: Uint8Array): Uint8Array {
  const isOrdered = compareBytes(left, right) < 0
  return keccak256(isOrdered ? concat(left, right) : concat(right, left))
}

function levelAbove(level: readonly Uint8Array[]): Uint8Array[] {
  const above: Uint8Array[] = []
  for (let index = 0; index < level.length; index += 2) {
    const [left, right] = level.slice(index, index + 2)
    if (left !== undefined) above.push(right === undefined ? left : parentOf(left, right))
  }
  return above
}

/**
 * The root of a batch: OpenZeppelin's commutative keccak256 tree, in which a last node without neighbour goes up unchanged
 * (`IReceipts`).
 *
 * @param leaves - EIP-712 digests of the accepted commits, in the order of their events; at least one.
 * @throws RangeError when there are none.
 */
export function batchRoot(leaves: readonly Uint8Array[]): Uint8Array {
  let level = [...leaves]
  while (level.length > 1) level = levelAbove(level)
  const [root] = level
  if (root === undefined) throw new RangeError('leaves: expected at least one, got none')
  return root
}

/**
 * The siblings from one leaf to the root, as OpenZeppelin's `MerkleProof` reads them.
 *
 * @param position - of the leaf among `leaves`, from 0.
 * @throws RangeError when there is no such leaf.
 */
export function batchProof(leaves: readonly Uint8Array[], position: number): Uint8Array[] {
  if (leaves[position] === undefined) {
    throw new RangeError(`position: expected one of ${leaves.length} leaves, got ${position}`)
  }
  const proof: Uint8Array[] = []
  let index = position
  for (let level = [...leaves]; level.length > 1; level = levelAbove(level)) {
    const sibling = level[index ^ 1]
    if (sibling !== undefined) proof.push(sibling)
    index >>= 1
  }
  return proof
}

/** Whether a proof leads from a leaf to a root. */
export function verifyBatchProof(
  leaf: Uint8Array,
  proof: readonly Uint8Array[],
  root: Uint8Array,
): boolean {
  const reached = proof.reduce((hash, sibling) => parentOf(hash, sibling), leaf)
  return compareBytes(reached, root) === 0
}
