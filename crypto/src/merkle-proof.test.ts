import { expect } from 'chai'
import fc from 'fast-check'

import { concat } from './bytes.ts'
import { AuthenticationError, MalformedError } from './errors.ts'
import {
  BLOCK_BYTES,
  blockCount,
  hashLeaf,
  LEAF_BYTES,
  leafCount,
  MerkleHasher,
  merkleRoot,
} from './merkle.ts'
import {
  buildBlockProof,
  buildInclusionProof,
  verifyBlocks,
  verifyInclusion,
} from './merkle-proof.ts'
import { expectError, withEachByteFlipped } from './testing/expect-error.ts'
import { patternBytes } from './testing/pattern.ts'

function leafAt(bytes: Uint8Array, index: number): Uint8Array {
  return bytes.subarray(index * LEAF_BYTES, (index + 1) * LEAF_BYTES)
}

function leafHashesOf(bytes: Uint8Array): Uint8Array {
  const count = leafCount(bytes.length)
  return concat(...Array.from({ length: count }, (_, index) => hashLeaf(leafAt(bytes, index))))
}

function blockHashesOf(bytes: Uint8Array): Uint8Array {
  const blocks: Uint8Array[] = []
  const hasher = new MerkleHasher({ onBlock: (hash) => blocks.push(hash) })
  hasher.push(bytes)
  hasher.digest()
  return concat(...blocks)
}

describe('Merkle proofs', () => {
  it('prove every leaf of streams of 1 to 20 leaves, and nothing else', () => {
    for (let leaves = 1; leaves <= 20; leaves++) {
      const bytes = patternBytes(leaves * LEAF_BYTES - 100)
      const hashes = leafHashesOf(bytes)
      const claim = { streamBytes: bytes.length, root: merkleRoot(bytes) }
      for (let index = 0; index < leaves; index++) {
        const proof = buildInclusionProof(hashes, index)
        const leaf = leafAt(bytes, index)
        expect(verifyInclusion({ ...claim, leaf, index, proof })).to.equal(true)
        const elsewhere = (index + 1) % leaves
        if (elsewhere !== index) {
          expect(verifyInclusion({ ...claim, leaf, index: elsewhere, proof })).to.equal(false)
        }
        const longer = concat(proof, new Uint8Array(32))
        expect(verifyInclusion({ ...claim, leaf, index, proof: longer })).to.equal(false)
        if (proof.length > 0) {
          const shorter = proof.subarray(32)
          expect(verifyInclusion({ ...claim, leaf, index, proof: shorter })).to.equal(false)
        }
      }
    }
  })

  it('fail for every flipped byte of an inclusion proof', () => {
    const bytes = patternBytes(5 * LEAF_BYTES)
    const claim = { streamBytes: bytes.length, root: merkleRoot(bytes), index: 4 }
    const leaf = leafAt(bytes, 4)
    for (const [at, proof] of withEachByteFlipped(buildInclusionProof(leafHashesOf(bytes), 4))) {
      expect(verifyInclusion({ ...claim, leaf, proof }), `byte ${String(at)}`).to.equal(false)
    }
  })

  it('prove any run of blocks', () => {
    const stream = patternBytes(9 * BLOCK_BYTES + 12_345)
    const blockHashes = blockHashesOf(stream)
    const root = merkleRoot(stream)
    fc.assert(
      fc.property(fc.nat(9), fc.nat(9), (one, other) => {
        const firstBlock = Math.min(one, other)
        const endBlock = Math.max(one, other) + 1
        const bytes = stream.subarray(firstBlock * BLOCK_BYTES, endBlock * BLOCK_BYTES)
        const proof = buildBlockProof(blockHashes, { firstBlock, endBlock })
        const claim = { bytes, firstBlock, streamBytes: stream.length, proof, root }
        verifyBlocks(claim)
        const changed = Uint8Array.from(bytes)
        changed[bytes.length - 1]! ^= 1
        expectError(AuthenticationError, () => verifyBlocks({ ...claim, bytes: changed }))
      }),
      { numRuns: 60 },
    )
  })

  it('refuse runs that are not whole blocks and proofs of a wrong length', () => {
    const stream = patternBytes(4 * BLOCK_BYTES)
    const proof = buildBlockProof(blockHashesOf(stream), { firstBlock: 1, endBlock: 2 })
    const bytes = stream.subarray(BLOCK_BYTES, 2 * BLOCK_BYTES)
    const claim = { firstBlock: 1, streamBytes: stream.length, root: merkleRoot(stream) }
    const refused = [
      { ...claim, proof, bytes: bytes.subarray(1) },
      { ...claim, proof, bytes: new Uint8Array(0) },
      { ...claim, proof, bytes, firstBlock: 4 },
      { ...claim, proof: proof.subarray(32), bytes },
      { ...claim, proof: concat(proof, proof), bytes },
    ]
    for (const each of refused) expectError(MalformedError, () => verifyBlocks(each))
    expectError(AuthenticationError, () => verifyBlocks({ ...claim, proof, bytes, firstBlock: 0 }))
    expect(blockCount(stream.length)).to.equal(4)
  })
})
