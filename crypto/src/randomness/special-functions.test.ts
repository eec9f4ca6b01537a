import { expect } from 'chai'
import fc from 'fast-check'

import { normalDistribution, upperErrorFunction, upperGamma } from './special-functions.ts'

describe('upperGamma', () => {
  it('gives the values computed with 30 digits (mpmath), small tails included', () => {
    for (const [a, x, expected] of [
      [16384, 16384, 0.49896108745922396],
      [127.5, 140, 0.1352153362993367],
      [0.5, 8, 6.3342483666239843e-5],
      [3, 0.001, 0.99999999983345828],
      [4.5, 60, 1.3361647765325286e-21],
    ] as const) {
      expect(upperGamma(a, x) / expected, `Q(${a}, ${x})`).to.be.closeTo(1, 1e-9)
    }
  })

  it('is the Poisson sum for whole a', () => {
    const whole = fc.integer({ min: 1, max: 60 })
    const bound = fc.double({ min: 0.01, max: 100, noNaN: true })
    fc.assert(
      fc.property(whole, bound, (a, x) => {
        let term = Math.exp(-x)
        let sum = 0
        for (let k = 0; k < a; k++) {
          sum += term
          term *= x / (k + 1)
        }
        expect(upperGamma(a, x)).to.be.closeTo(sum, 1e-12)
      }),
    )
  })

  it('is 1 at 0 and below', () => {
    expect(upperGamma(2, 0)).to.equal(1)
    expect(upperGamma(2, -1e-12)).to.equal(1)
  })
})

describe('upperErrorFunction', () => {
  it('gives the values computed with 30 digits (mpmath)', () => {
    for (const [x, expected] of [
      [0, 1],
      [0.5, 0.47950012218695346],
      [1, 0.15729920705028513],
      [3, 2.2090496998585441e-5],
      [-1, 1.8427007929497149],
    ] as const) {
      expect(upperErrorFunction(x) / expected, `erfc(${x})`).to.be.closeTo(1, 1e-13)
    }
  })
})

describe('normalDistribution', () => {
  it('is a half in the middle and gives the usual 2.5 % tail', () => {
    expect(normalDistribution(0)).to.equal(0.5)
    expect(normalDistribution(-1.96)).to.be.closeTo(0.024997895148220435, 1e-15)
    expect(normalDistribution(1.96)).to.be.closeTo(1 - 0.024997895148220435, 1e-15)
  })
})
