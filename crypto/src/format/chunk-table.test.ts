import { expect } from 'chai'
import fc from 'fast-check'

import { LimitError, MalformedError } from '../errors.ts'
import { expectError } from '../testing/expect-error.ts'
import { chunkCount, ChunkTable } from './chunk-table.ts'

describe('chunk table', () => {
  const table = new ChunkTable({
    plainBytes: 250,
    chunkBytes: 100,
    sealedChunkBytes: [70, 117, 40],
  })

  it('knows where chunks lie in plaintext and sealed stream', () => {
    expect(table.sealedBytes).to.equal(227)
    expect([0, 1, 2, 3].map((chunk) => table.sealedStart(chunk))).to.deep.equal([0, 70, 187, 227])
    expect([0, 1, 2].map((chunk) => table.plainChunkBytes(chunk))).to.deep.equal([100, 100, 50])
    expect([0, 1, 2].map((chunk) => table.isLast(chunk))).to.deep.equal([false, false, true])
    expect(() => table.plainChunkBytes(3)).to.throw(RangeError)
  })

  it('gives an empty object one empty last chunk', () => {
    const empty = new ChunkTable({ plainBytes: 0, chunkBytes: 100, sealedChunkBytes: [17] })
    expect(empty.plainChunkBytes(0)).to.equal(0)
    expect(empty.isLast(0)).to.equal(true)
    expect(empty.range(0, 0)).to.include({ firstChunk: 0, endChunk: 1, sealedEnd: 17 })
  })

  it('finds the fewest chunks that hold a range', () => {
    fc.assert(
      fc.property(fc.nat(250), fc.nat(250), (one, other) => {
        const [start, end] = [Math.min(one, other), Math.max(one, other)]
        const range = table.range(start, end)
        const chunks = new Set<number>()
        for (let byte = start; byte < end; byte++) chunks.add(Math.floor(byte / 100))
        expect(range.endChunk - range.firstChunk).to.equal(chunks.size)
        expect(range.sealedStart).to.equal(table.sealedStart(range.firstChunk))
        expect(range.sealedEnd).to.equal(table.sealedStart(range.endChunk))
        if (chunks.size > 0) {
          expect(range.firstChunk).to.equal(Math.min(...chunks))
          expect(range.firstChunk * 100 + range.skipBytes).to.equal(start)
        }
      }),
    )
    expect(() => table.range(0, 251)).to.throw(RangeError)
    expect(() => table.range(2, 1)).to.throw(RangeError)
  })

  it('refuses lengths that do not fit the plaintext', () => {
    const fields = { plainBytes: 250, chunkBytes: 100 }
    for (const sealedChunkBytes of [[], [70, 117], [70, 117, 40, 1]]) {
      expectError(MalformedError, () => new ChunkTable({ ...fields, sealedChunkBytes }))
    }
    expectError(LimitError, () => chunkCount(Number.MAX_SAFE_INTEGER, 1024))
    expect(chunkCount(0, 100)).to.equal(1)
    expect(chunkCount(100, 100)).to.equal(1)
    expect(chunkCount(101, 100)).to.equal(2)
  })
})
