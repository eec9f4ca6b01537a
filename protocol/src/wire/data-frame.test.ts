import { expect } from 'chai'
import fc from 'fast-check'
import { concat } from '@orlop/crypto/bytes'
import { decodeCbor, encodeCbor } from '@orlop/crypto/format/cbor'
import { dataOfFrame, encodeDataFrame } from './data-frame.ts'

const EDGES = [0, 1, 23, 24, 255, 256, 65_535, 65_536, 1 << 20]

describe('data frame', () => {
  for (const length of EDGES) {
    it(`of ${length} bytes is what the general encoder writes, and is read back`, () => {
      const data = new Uint8Array(length).fill(0xc3)
      const frame = concat(...encodeDataFrame(data))
      expect(frame).to.deep.equal(encodeCbor({ data }))
      expect(dataOfFrame(frame)).to.deep.equal(data)
    })
  }

  it('is recognised in no frame that the general decoder reads otherwise or refuses', () => {
    const nearly = fc
      .tuple(fc.uint8Array({ maxLength: 300 }), fc.nat(12), fc.nat(255), fc.boolean())
      .map(([data, at, byte, cut]) => {
        const frame = concat(...encodeDataFrame(data))
        frame[at % frame.length] = byte
        return cut ? frame.subarray(0, frame.length - 1) : frame
      })
    fc.assert(
      fc.property(nearly, (frame) => {
        const data = dataOfFrame(frame)
        if (data !== null) expect(decodeCbor(frame, { maxBytes: 1024 })).to.deep.equal({ data })
      }),
      { numRuns: 2_000 },
    )
  })

  it('leaves a length that could be written shorter to the general decoder, which refuses it', () => {
    const longForm = Uint8Array.of(0xa1, 0x64, 0x64, 0x61, 0x74, 0x61, 0x58, 1, 7)
    expect(dataOfFrame(longForm)).to.equal(null)
    expect(() => decodeCbor(longForm, { maxBytes: 1024 })).to.throw('canonical')
  })
})
