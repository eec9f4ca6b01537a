import { type Bits, requireLength } from './bits.ts'
import { upperGamma } from './special-functions.ts'
import { oneSidedResult, type TestResult } from './test-result.ts'

const LEAST_EXPECTED_RUNS = 5

/**
 * Are there half as many runs of each length as of the length before? (GM/T 0005-2021 5.6)
 *
 * Runs longer than the longest length with at least five expected count as of that length.
 *
 * @throws RangeError when there are fewer than 100 bits
 */
export function runDistribution(bits: Bits): TestResult {
  requireLength('run distribution', bits, 100)
  const longest = longestLength(bits.length)
  const counts = countRuns(bits, longest)
  const total = counts.reduce((sum, count) => sum + count, 0)
  let statistic = 0
  counts.forEach((count, index) => {
    const length = (index >> 1) + 1
    const expected = total / 2 ** Math.min(length + 1, longest)
    statistic += (count - expected) ** 2 / expected
  })
  return oneSidedResult(upperGamma(longest - 1, statistic / 2))
}

/** The standard's k: the longest length of which five runs of each value are expected. */
function longestLength(bitCount: number): number {
  let length = 1
  const expectedRuns = (each: number): number => (bitCount - each + 3) / 2 ** (each + 2)
  while (expectedRuns(length + 1) >= LEAST_EXPECTED_RUNS) length++
  return length
}

/** Runs of zeros and of ones by length: length 1 at 0 and 1, length 2 at 2 and 3, and so on. */
function countRuns(bits: Bits, longest: number): number[] {
  const counts = new Array<number>(2 * longest).fill(0)
  let start = 0
  for (let i = 1; i <= bits.length; i++) {
    if (i < bits.length && bits[i] === bits[start]) continue
    const index = 2 * (Math.min(i - start, longest) - 1) + (bits[start] ?? 0)
    counts[index] = (counts[index] ?? 0) + 1
    start = i
  }
  return counts
}
