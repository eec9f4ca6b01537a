import { type Bits, countOnes, requireLength } from './bits.ts'
import { normalResult, oneSidedResult, type TestResult } from './test-result.ts'

/**
 * Do ones and zeros take turns as often as by chance? (NIST SP 800-22 2.3; GM/T 0005-2021 5.5)
 *
 * A sequence of one value only fails with P = 0.
 *
 * @throws RangeError when there are no bits
 */
export function runs(bits: Bits): TestResult {
  requireLength('runs', bits, 1)
  const share = countOnes(bits) / bits.length
  const spread = share * (1 - share)
  if (spread === 0) return oneSidedResult(0)
  let runCount = 1
  for (let i = 1; i < bits.length; i++) if (bits[i] !== bits[i - 1]) runCount++
  const expected = 2 * bits.length * spread
  return normalResult((runCount - expected) / (2 * Math.sqrt(bits.length) * spread))
}
