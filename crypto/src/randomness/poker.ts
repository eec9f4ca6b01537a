import { type Bits, requireLength } from './bits.ts'
import { upperGamma } from './special-functions.ts'
import { oneSidedResult, type TestResult } from './test-result.ts'

/**
 * Does every pattern of `patternBits` bits occur equally often, side by side? (GM/T 0005-2021 5.3)
 *
 * @param patternBits - length of a pattern, 4 and 8 in the norm
 * @throws RangeError when there is not one whole pattern
 */
export function poker(bits: Bits, patternBits: number): TestResult {
  requireLength('poker', bits, patternBits)
  const groupCount = Math.floor(bits.length / patternBits)
  const counts = new Uint32Array(2 ** patternBits)
  for (let start = 0; start < groupCount * patternBits; start += patternBits) {
    let pattern = 0
    for (let i = start; i < start + patternBits; i++) pattern = (pattern << 1) | (bits[i] ?? 0)
    counts[pattern] = (counts[pattern] ?? 0) + 1
  }
  let squares = 0
  for (const count of counts) squares += count * count
  const statistic = (counts.length / groupCount) * squares - groupCount
  return oneSidedResult(upperGamma((counts.length - 1) / 2, statistic / 2))
}
