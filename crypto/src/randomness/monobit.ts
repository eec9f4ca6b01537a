import { type Bits, countOnes, requireLength } from './bits.ts'
import { normalResult, type TestResult } from './test-result.ts'

/**
 * Are there as many ones as zeros? (NIST SP 800-22 2.1; GM/T 0005-2021 5.1)
 *
 * @throws RangeError when there are no bits
 */
export function monobit(bits: Bits): TestResult {
  requireLength('monobit', bits, 1)
  return normalResult((2 * countOnes(bits) - bits.length) / Math.sqrt(bits.length))
}
