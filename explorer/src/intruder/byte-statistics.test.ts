import { expect } from 'chai'
import { asLatin1, byteStatistics } from './byte-statistics.ts'

describe('byteStatistics', () => {
  it('gives 8 bits where every byte is as frequent as any other', () => {
    const bytes = Uint8Array.from({ length: 1024 }, (_, place) => place % 256)
    expect(byteStatistics(bytes).entropyBits).to.be.closeTo(8, 1e-12)
    expect(byteStatistics(bytes).correlation).to.be.above(0.9)
  })

  it('gives nothing where all bytes are one', () => {
    expect(byteStatistics(new Uint8Array(64).fill(7))).to.deep.equal({
      entropyBits: 0,
      correlation: 0,
    })
  })

  it('sees neighbours that are opposites', () => {
    const bytes = Uint8Array.from({ length: 1000 }, (_, place) => (place % 2) * 255)
    expect(byteStatistics(bytes).entropyBits).to.be.closeTo(1, 1e-12)
    expect(byteStatistics(bytes).correlation).to.be.closeTo(-1, 1e-9)
  })
})

describe('asLatin1', () => {
  it('shows a dot for what cannot be printed', () => {
    expect(asLatin1(Uint8Array.of(0x41, 0x00, 0x0a, 0xe9, 0x7f))).to.equal('A··é·')
  })
})
