import { expect } from 'chai'
import fc from 'fast-check'

import { concat, decodeHex, encodeHex } from './bytes.ts'
import { sha256 } from './hash.ts'
import {
  BLOCK_BYTES,
  blockCount,
  hashLeaf,
  hashNode,
  hashPiece,
  LEAF_BYTES,
  leafCount,
  MerkleHasher,
  merkleRoot,
  merkleRootOfHashes,
} from './merkle.ts'
import { patternBytes } from './testing/pattern.ts'
import { readVectors } from './testing/read-vectors.ts'

const published = readVectors('merkle.json') as {
  leaves: string[]
  emptyRoot: string
  roots: string[]
}

/** RFC 9162 2.1.1 word for word: recursive, over leaves in memory. */
function treeHash(leaves: readonly Uint8Array[]): Uint8Array {
  const [first] = leaves
  if (first === undefined) return sha256(new Uint8Array(0))
  if (leaves.length === 1) return sha256(concat(Uint8Array.of(0), first))
  let split = 1
  while (split * 2 < leaves.length) split *= 2
  const left = treeHash(leaves.slice(0, split))
  return sha256(concat(Uint8Array.of(1), left, treeHash(leaves.slice(split))))
}

function leavesOf(bytes: Uint8Array): Uint8Array[] {
  return Array.from({ length: leafCount(bytes.length) }, (_, index) =>
    bytes.subarray(index * LEAF_BYTES, (index + 1) * LEAF_BYTES),
  )
}

describe('Merkle tree', () => {
  it('gives the roots of the Certificate Transparency reference tree', () => {
    const hashes = published.leaves.map((leaf) => sha256(concat(Uint8Array.of(0), decodeHex(leaf))))
    expect(encodeHex(merkleRootOfHashes(new Uint8Array(0)))).to.equal(published.emptyRoot)
    const roots = hashes.map((_, last) =>
      encodeHex(merkleRootOfHashes(concat(...hashes.slice(0, last + 1)))),
    )
    expect(roots).to.deep.equal(published.roots)
  })

  it('equals the recursive definition for every number of leaves up to 40 and beyond', () => {
    for (const extra of [-1, 0, 1]) {
      for (let leaves = 1; leaves <= 40; leaves++) {
        const bytes = patternBytes(leaves * LEAF_BYTES + extra)
        expect(merkleRoot(bytes), String(bytes.length)).to.deep.equal(treeHash(leavesOf(bytes)))
      }
    }
  })

  it('does not depend on how the stream is cut into pieces', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 200_000 }),
        fc.array(fc.integer({ min: 1, max: 70_000 }), { minLength: 1, maxLength: 8 }),
        (streamBytes, cuts) => {
          const bytes = patternBytes(streamBytes)
          const hasher = new MerkleHasher()
          const workers = new MerkleHasher()
          for (let start = 0, cut = 0; start < streamBytes; cut++) {
            const piece = bytes.subarray(start, start + cuts[cut % cuts.length]!)
            hasher.push(piece)
            workers.pushPiece(hashPiece(piece, start))
            start += piece.length
          }
          const whole = { root: merkleRoot(bytes), streamBytes }
          expect(hasher.digest()).to.deep.equal(whole)
          expect(workers.digest()).to.deep.equal(whole)
        },
      ),
      { numRuns: 40 },
    )
  })

  it('reports every block in order, and the blocks lead to the same root', () => {
    for (const streamBytes of [1, BLOCK_BYTES - 1, BLOCK_BYTES, 3 * BLOCK_BYTES + 5000, 720_896]) {
      const bytes = patternBytes(streamBytes)
      const blocks: Uint8Array[] = []
      const hasher = new MerkleHasher({
        onBlock(hash, blockNumber) {
          expect(blockNumber).to.equal(blocks.length)
          blocks.push(hash)
        },
      })
      hasher.push(bytes)
      const { root } = hasher.digest()
      expect(blocks.length).to.equal(blockCount(streamBytes))
      for (const [index, hash] of blocks.entries()) {
        const block = bytes.subarray(index * BLOCK_BYTES, (index + 1) * BLOCK_BYTES)
        expect(hash).to.deep.equal(merkleRoot(block))
      }
      expect(merkleRootOfHashes(concat(...blocks))).to.deep.equal(root)
    }
  })

  it('tells leaves from inner nodes, so that a node cannot pass for a leaf', () => {
    const [left, right] = [hashLeaf(Uint8Array.of(1)), hashLeaf(Uint8Array.of(2))]
    expect(hashNode(left, right)).not.to.deep.equal(hashLeaf(concat(left, right)))
    expect(hashLeaf(Uint8Array.of(1))).to.deep.equal(sha256(Uint8Array.of(0, 1)))
  })

  it('refuses a piece hashed for another offset, and bytes after the digest', () => {
    const hasher = new MerkleHasher()
    hasher.push(Uint8Array.of(1))
    const misplaced = hashPiece(patternBytes(2 * LEAF_BYTES), 0)
    expect(() => hasher.pushPiece(misplaced)).to.throw(RangeError, 'present end')
    hasher.digest()
    expect(() => hasher.push(Uint8Array.of(1))).to.throw(TypeError, 'open stream')
    expect(() => hasher.digest()).to.throw(TypeError)
  })
})
