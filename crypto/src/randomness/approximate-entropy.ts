import { type Bits, requireLength } from './bits.ts'
import { countPatterns, shortenPatterns } from './pattern-counts.ts'
import { upperGamma } from './special-functions.ts'
import { oneSidedResult, type TestResult } from './test-result.ts'

/**
 * Are patterns one bit longer as much rarer as by chance? (NIST SP 800-22 2.12;
 * GM/T 0005-2021 5.12)
 *
 * @param patternBits - length of the shorter patterns, 1 … 29; 2 and 5 in GM/T 0005-2021
 * @throws RangeError when the sequence is shorter than the longer patterns
 */
export function approximateEntropy(bits: Bits, patternBits: number): TestResult {
  requireLength('approximate entropy', bits, patternBits + 1)
  const longer = countPatterns(bits, patternBits + 1)
  const entropy =
    negativeEntropy(shortenPatterns(longer), bits.length) - negativeEntropy(longer, bits.length)
  const statistic = 2 * bits.length * (Math.LN2 - entropy)
  return oneSidedResult(upperGamma(2 ** (patternBits - 1), statistic / 2))
}

function negativeEntropy(counts: Uint32Array, bitCount: number): number {
  let sum = 0
  for (const count of counts) {
    if (count > 0) sum += (count / bitCount) * Math.log(count / bitCount)
  }
  return sum
}
