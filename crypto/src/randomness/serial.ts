import { type Bits, requireLength } from './bits.ts'
import { countPatterns, shortenPatterns } from './pattern-counts.ts'
import { upperGamma } from './special-functions.ts'
import { oneSidedResult, type TestResult } from './test-result.ts'

/**
 * Does every overlapping pattern occur equally often? (NIST SP 800-22 2.11; the overlapping
 * subsequence test of GM/T 0005-2021 5.4)
 *
 * @param patternBits - length of the longest patterns, 2 … 30; 3 and 5 in GM/T 0005-2021
 * @returns two values each: of the first and of the second difference
 * @throws RangeError when the sequence is shorter than a pattern
 */
export function serial(bits: Bits, patternBits: number): TestResult {
  requireLength('serial', bits, patternBits)
  const counts = countPatterns(bits, patternBits)
  const shorter = shortenPatterns(counts)
  const [longest, middle, shortest] = [counts, shorter, shortenPatterns(shorter)].map((each) =>
    unevenness(each, bits.length),
  ) as [number, number, number]
  return oneSidedResult(
    upperGamma(2 ** (patternBits - 2), (longest - middle) / 2),
    upperGamma(2 ** (patternBits - 3), (longest - 2 * middle + shortest) / 2),
  )
}

/** The standard's ψ²; 0 for the empty pattern. */
function unevenness(counts: Uint32Array, bitCount: number): number {
  let squares = 0
  for (const count of counts) squares += count * count
  return (counts.length / bitCount) * squares - bitCount
}
