import { expect } from 'chai'

import { decodeHex } from '../bytes.ts'
import { approximateEntropy } from './approximate-entropy.ts'
import { autocorrelation } from './autocorrelation.ts'
import { binaryDerivative } from './binary-derivative.ts'
import { type Bits, unpackBits } from './bits.ts'
import { blockFrequency } from './block-frequency.ts'
import { cumulativeSums } from './cumulative-sums.ts'
import { linearComplexity, shortestRegister } from './linear-complexity.ts'
import { longestRun } from './longest-run.ts'
import { matrixRank } from './matrix-rank.ts'
import { maurerUniversal } from './maurer-universal.ts'
import { monobit } from './monobit.ts'
import { poker } from './poker.ts'
import { runDistribution } from './run-distribution.ts'
import { runs } from './runs.ts'
import { serial } from './serial.ts'
import { spectral } from './spectral.ts'
import type { TestResult } from './test-result.ts'

/** The 128 bits of the examples in GM/T 0005-2021, annex C (also NIST SP 800-22 2.4.8). */
const GMT_SAMPLE = unpackBits(decodeHex('cc156c4ce0024d5113d680d7cce6d8b2'))

/** The first 100 binary digits of π, the larger example of each test in NIST SP 800-22. */
const PI_100 = parseBits(
  '11001001000011111101101010100010001000010110100011' +
    '00001000110100110001001100011001100010100010111000',
)

describe('statistical tests: GM/T 0005-2021, annex C, 128 bits', () => {
  itGives('monobit', () => monobit(GMT_SAMPLE), { p: [0.215925], q: [0.892038] })
  itGives('poker, m = 4', () => poker(GMT_SAMPLE, 4), { p: [0.213734], q: [0.213734] })
  itGives('overlapping subsequence, m = 2', () => serial(GMT_SAMPLE, 2), {
    p: [0.436868, 0.723674],
    q: [0.436868, 0.723674],
  })
  itGives('total runs', () => runs(GMT_SAMPLE), { p: [0.620729], q: [0.310364] })
  itGives('run distribution', () => runDistribution(GMT_SAMPLE), { p: [0.970152], q: [0.970152] })
  itGives('longest run of ones, m = 8', () => longestRun(GMT_SAMPLE, 8, 1), {
    p: [0.180598],
    q: [0.180598],
  })
  itGives('longest run of zeros, m = 8', () => longestRun(GMT_SAMPLE, 8, 0), {
    p: [0.839299],
    q: [0.839299],
  })
  itGives('binary derivative, k = 3', () => binaryDerivative(GMT_SAMPLE, 3), {
    p: [0.039669],
    q: [0.980166],
  })
  itGives('autocorrelation, d = 1', () => autocorrelation(GMT_SAMPLE, 1), {
    p: [0.79008],
    q: [0.39504],
  })
})

describe('statistical tests: GM/T 0005-2021, annex C, 100 bits', () => {
  itGives('cumulative sums', () => cumulativeSums(PI_100), {
    p: [0.219194, 0.114866],
    q: [0.219194, 0.114866],
  })
  itGives('discrete Fourier transform', () => spectral(PI_100), { p: [0.654721], q: [0.32736] })
})

describe('statistical tests: NIST SP 800-22, small examples', () => {
  itGives('frequency, 2.1.4', () => monobit(parseBits('1011010101')), { p: [0.527089] })
  itGives('block frequency, 2.2.4', () => blockFrequency(parseBits('0110011010'), 3), {
    p: [0.801252],
  })
  itGives('runs, 2.3.4', () => runs(parseBits('1001101011')), { p: [0.147232] })
  itGives('serial, 2.11.4', () => serial(parseBits('0011011101'), 3), { p: [0.808792, 0.67032] })
  itGives('approximate entropy, 2.12.4', () => approximateEntropy(parseBits('0100110101'), 3), {
    p: [0.261961],
  })
  it('linear complexity, 2.10.4: the shortest register of 1101011110001 has 4 places', () => {
    expect(shortestRegister(parseBits('1101011110001'))).to.equal(4)
  })
})

describe('statistical tests: NIST SP 800-22, 100 digits of π', () => {
  itGives('frequency, 2.1.8', () => monobit(PI_100), { p: [0.109599] })
  itGives('block frequency, 2.2.8', () => blockFrequency(PI_100, 10), { p: [0.706438] })
  itGives('runs, 2.3.8', () => runs(PI_100), { p: [0.500798] })
  itGives('approximate entropy, 2.12.8', () => approximateEntropy(PI_100, 2), { p: [0.235301] })
})

describe('statistical tests: NIST SP 800-22, appendix B, 1 000 000 binary digits of e', () => {
  const bits = digitsOfE(1_000_000)

  itGives('frequency', () => monobit(bits), { p: [0.953749] })
  itGives('block frequency, M = 128', () => blockFrequency(bits, 128), { p: [0.211072] })
  itGives('cumulative sums', () => cumulativeSums(bits), { p: [0.669887, 0.724266] })
  itGives('runs', () => runs(bits), { p: [0.561917] })
  itGives('longest run of ones', () => longestRun(bits, 10_000, 1), { p: [0.718945] })
  itGives('discrete Fourier transform', () => spectral(bits, 4), { p: [0.847187] })
  itGives('Maurer universal', () => maurerUniversal(bits), { p: [0.282568] })
  itGives('approximate entropy, m = 10', () => approximateEntropy(bits, 10), { p: [0.700073] })
  itGives('serial, m = 16', () => serial(bits, 16), { p: [0.766182, 0.462921] })
  // GM/T 0005-2021, annex C: there with class chances rounded to four digits, like here.
  itGives('matrix rank', () => matrixRank(bits), { p: [0.307543], q: [0.307543] })
  itGives('linear complexity, m = 1000', () => linearComplexity(bits, { blockBits: 1000 }), {
    p: [0.844721],
    q: [0.844721],
  })
})

function parseBits(digits: string): Bits {
  return Uint8Array.from(digits, Number)
}

/** Both norms print six decimals; NIST's program has a normal distribution good to about 10⁻⁶. */
function itGives(
  name: string,
  run: () => TestResult,
  expected: { p: number[]; q?: number[] },
): void {
  it(name, () => {
    const { pValues, qValues } = run()
    expectClose(pValues, expected.p)
    if (expected.q !== undefined) expectClose(qValues, expected.q)
  })
}

function expectClose(values: number[], expected: number[]): void {
  expect(values).to.have.length(expected.length)
  values.forEach((value, index) => {
    expect(value).to.be.closeTo(expected[index]!, 1e-6)
  })
}

/** The first digits of e = Σ 1/k!, "10." included, from a fraction of whole numbers. */
function digitsOfE(count: number): Bits {
  let terms = 1
  for (let precision = 0; precision < count + 64; terms++) precision += Math.log2(terms)
  const [numerator, denominator] = factorialSum(0, terms)
  const scale = BigInt(count - 2)
  const value = (1n << scale) + (numerator << scale) / denominator
  return parseBits(value.toString(2))
}

/** Σ over first < k ≤ last of (first! / k!), as a fraction, by halving. */
function factorialSum(first: number, last: number): [bigint, bigint] {
  if (last - first === 1) return [1n, BigInt(last)]
  const middle = (first + last) >> 1
  const [leftNumerator, leftDenominator] = factorialSum(first, middle)
  const [rightNumerator, rightDenominator] = factorialSum(middle, last)
  return [leftNumerator * rightDenominator + rightNumerator, leftDenominator * rightDenominator]
}
