import { expect } from 'chai'

import { leastPasses, uniformity } from './judgement.ts'

describe('leastPasses', () => {
  it('gives the numbers that the norm and its users print', () => {
    expect([50, 100, 200, 1000].map(leastPasses)).to.deep.equal([48, 97, 194, 981])
  })
})

describe('uniformity', () => {
  const evenly = Array.from({ length: 100 }, (_, index) => index / 100)

  it('is 1 for values spread evenly, the end of the range included', () => {
    expect(uniformity(evenly)).to.equal(1)
    expect(uniformity([...evenly.slice(0, 99), 1])).to.equal(1)
  })

  it('is the chi-square tail with nine degrees of freedom', () => {
    // Ten values moved from one tenth to another: V = 10²/10 + 10²/10 = 20; tables: P = 0.0179.
    const moved = evenly.map((value) => (value < 0.1 ? 0.95 : value))
    expect(uniformity(moved)).to.be.closeTo(0.0179, 5e-5)
  })

  it('refuses values that crowd together', () => {
    expect(uniformity(evenly.map((value) => value / 2))).to.be.below(1e-4)
  })
})
