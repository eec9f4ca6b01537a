import { expect } from 'chai'
import fc from 'fast-check'
import { batchProof, batchRoot, verifyBatchProof } from './batch-tree.ts'

const leaf = fc.uint8Array({ minLength: 32, maxLength: 32 })
const leaves = fc.array(leaf, { minLength: 1, maxLength: 40 })

describe('batch tree', () => {
  it('has its only leaf for a root', () => {
    const only = new Uint8Array(32).fill(7)
    expect(batchRoot([only])).to.deep.equal(only)
    expect(batchProof([only], 0)).to.deep.equal([])
  })

  it('leads from every leaf to the root', () => {
    fc.assert(
      fc.property(leaves, (batch) => {
        const root = batchRoot(batch)
        return batch.every((each, place) => verifyBatchProof(each, batchProof(batch, place), root))
      }),
    )
  })

  it('leads from no other leaf to the root', () => {
    fc.assert(
      fc.property(leaves, leaf, fc.nat(), (batch, other, number) => {
        fc.pre(batch.every((each) => Buffer.compare(each, other) !== 0))
        const proof = batchProof(batch, number % batch.length)
        return !verifyBatchProof(other, proof, batchRoot(batch))
      }),
    )
  })

  it('refuses an empty batch and a place outside it', () => {
    expect(() => batchRoot([])).to.throw(RangeError)
    expect(() => batchProof([new Uint8Array(32)], 1)).to.throw(RangeError)
  })
})
