import { expect } from 'chai'
import fc from 'fast-check'

import { autocorrelation } from './autocorrelation.ts'
import { binaryDerivative } from './binary-derivative.ts'
import { type Bits, unpackBits } from './bits.ts'
import { shortestRegister } from './linear-complexity.ts'
import { longestRun } from './longest-run.ts'
import { matrixRank } from './matrix-rank.ts'
import { countPatterns, shortenPatterns } from './pattern-counts.ts'
import { poker } from './poker.ts'
import { runDistribution } from './run-distribution.ts'
import { runs } from './runs.ts'
import { upperErrorFunction, upperGamma } from './special-functions.ts'

describe('unpackBits', () => {
  it('takes each byte from its highest bit', () => {
    expect([...unpackBits(Uint8Array.of(0x80, 0x0b))].join('')).to.equal('1000000000001011')
  })
})

describe('poker', () => {
  it('gives 1 when every pattern is equally frequent', () => {
    expect(poker(parseBits('0001101100011011'), 2).pValues).to.deep.equal([1])
  })

  it('counts side by side and leaves the incomplete pattern out', () => {
    // 00 01 00 01 0: counts 2, 2, 0, 0 of 4 groups; V = 4/4 · (4 + 4) − 4 = 4.
    expect(poker(parseBits('000100010'), 2).pValues).to.deep.equal([upperGamma(1.5, 2)])
  })

  it('fails what repeats one pattern', () => {
    // Eight times 00: V = 4/8 · 64 − 8 = 24.
    const [p] = poker(new Uint8Array(16), 2).pValues
    expect(p).to.be.closeTo(2.4979e-5, 1e-9)
  })
})

describe('run distribution', () => {
  it('counts the end of the sequence and folds long runs into the longest class', () => {
    // 120 bits: k = 2, since (120 − 2 + 3)/16 = 7.6 and (120 − 3 + 3)/32 = 3.8.
    // 20 × (0, 1, 00, 111): 40 runs of each value, 20 of length 1 and 20 longer; all classes of
    // T = 80 runs expect 80/4 = 20, so V = 0 … but neighbouring runs alternate, so these do not join.
    const even = parseBits('0100111'.repeat(20))
    expect(runDistribution(even).pValues).to.deep.equal([1])
  })

  it('weighs what was counted against half, a quarter, … of all runs', () => {
    // (01) × 60: 120 runs, all of length 1; expected 30 in each class:
    // V = 2 · (60 − 30)²/30 + 2 · (0 − 30)²/30 = 120, one degree of freedom pair: P = e^(−60).
    const [p] = runDistribution(parseBits('01'.repeat(60))).pValues
    expect(p! / Math.exp(-60)).to.be.closeTo(1, 1e-9)
  })
})

describe('runs', () => {
  it('fails a sequence of one value only', () => {
    expect(runs(new Uint8Array(64)).pValues).to.deep.equal([0])
  })
})

describe('longest run', () => {
  it('classes the longest run of the value asked for', () => {
    // Four blocks with 1, 2, 3 and 8 ones in a row: one in each class.
    const blocks = parseBits('01000000' + '01101000' + '01110110' + '11111111')
    const statistic = [0.2148, 0.3672, 0.2305, 0.1875].reduce(
      (sum, chance) => sum + (1 - 4 * chance) ** 2 / (4 * chance),
      0,
    )
    expect(longestRun(blocks, 8, 1).pValues[0]).to.be.closeTo(upperGamma(1.5, statistic / 2), 1e-15)
    const inverted = blocks.map((bit) => 1 - bit)
    expect(longestRun(inverted, 8, 0)).to.deep.equal(longestRun(blocks, 8, 1))
  })
})

describe('binary derivative', () => {
  it('XORs neighbours as often as asked', () => {
    // 1100101101 → 010111011 → 11100110: five ones of eight, V = (10 − 8)/√8.
    const { pValues, qValues } = binaryDerivative(parseBits('1100101101'), 2)
    expect(pValues[0]).to.be.closeTo(upperErrorFunction(2 / Math.sqrt(8) / Math.SQRT2), 1e-15)
    expect(qValues[0]).to.be.closeTo(pValues[0]! / 2, 1e-15)
  })

  it('leaves the sequence as it was', () => {
    const bits = parseBits('1100101101')
    binaryDerivative(bits, 3)
    expect(bits).to.deep.equal(parseBits('1100101101'))
  })
})

describe('autocorrelation', () => {
  it('counts the places that differ from the shifted sequence', () => {
    // 11001011 against itself shifted by 2: 110010 and 001011 differ in 4 of 6 places.
    const { pValues, qValues } = autocorrelation(parseBits('11001011'), 2)
    expect(pValues[0]).to.be.closeTo(upperErrorFunction(2 / Math.sqrt(6) / Math.SQRT2), 1e-15)
    expect(qValues[0]).to.be.closeTo(pValues[0]! / 2, 1e-15)
  })
})

describe('matrix rank', () => {
  it('tells full rank, one less, and everything below apart', () => {
    const identity = (ones: number): Bits =>
      Uint8Array.from({ length: 1024 }, (_, i) => (i % 33 === 0 && i / 33 < ones ? 1 : 0))
    for (const [ones, chance] of [
      [32, 0.2888],
      [31, 0.5776],
      [30, 0.1336],
      [0, 0.1336],
    ] as const) {
      // One matrix: V = (1 − p)²/p + (1 − p), and P = e^(−V/2).
      const statistic = (1 - chance) ** 2 / chance + (1 - chance)
      const [p] = matrixRank(identity(ones)).pValues
      expect(p, `rank ${ones}`).to.be.closeTo(Math.exp(-statistic / 2), 1e-12)
    }
  })

  it('finds dependent rows wherever they stand', () => {
    const rows = Array.from({ length: 32 }, (_, i) => 1 << i)
    rows[0] = rows[31]! ^ rows[7]!
    const bits = Uint8Array.from(
      { length: 1024 },
      (_, i) => (rows[i >> 5]! >>> (31 - (i % 32))) & 1,
    )
    const statistic = (1 - 0.5776) ** 2 / 0.5776 + (1 - 0.5776)
    expect(matrixRank(bits).pValues[0]).to.be.closeTo(Math.exp(-statistic / 2), 1e-12)
  })
})

describe('pattern counts', () => {
  const sequence = fc.array(fc.integer({ min: 0, max: 1 }), { minLength: 4, maxLength: 200 })

  it('count every pattern around the ring', () => {
    fc.assert(
      fc.property(sequence, fc.integer({ min: 1, max: 4 }), (bits, length) => {
        const ring = [...bits, ...bits.slice(0, length - 1)]
        const expected = new Array<number>(2 ** length).fill(0)
        bits.forEach((_, i) => {
          expected[Number.parseInt(ring.slice(i, i + length).join(''), 2)]! += 1
        })
        expect([...countPatterns(Uint8Array.from(bits), length)]).to.deep.equal(expected)
      }),
    )
  })

  it('are shortened to the counts of shorter patterns', () => {
    fc.assert(
      fc.property(sequence, fc.integer({ min: 2, max: 4 }), (list, length) => {
        const bits = Uint8Array.from(list)
        const shortened = shortenPatterns(countPatterns(bits, length))
        expect(shortened).to.deep.equal(countPatterns(bits, length - 1))
      }),
    )
  })
})

describe('shortest register', () => {
  it('is what Massey’s definition says for sequences with known registers', () => {
    expect(shortestRegister(parseBits('0000'))).to.equal(0)
    expect(shortestRegister(parseBits('0001'))).to.equal(4)
    expect(shortestRegister(parseBits('1111'))).to.equal(1)
    expect(shortestRegister(parseBits('1010101010'))).to.equal(2)
  })

  it('finds the register of 89 places behind 500 bits, across word boundaries', () => {
    // x⁸⁹ + x³⁸ + 1 is irreducible, so that no shorter register makes its sequences.
    const bits = new Uint8Array(500)
    bits[88] = 1
    for (let i = 89; i < bits.length; i++) bits[i] = bits[i - 89]! ^ bits[i - 51]!
    expect(shortestRegister(bits)).to.equal(89)
  })
})

function parseBits(digits: string): Bits {
  return Uint8Array.from(digits, Number)
}
