import { type Bits, requireLength } from './bits.ts'
import { normalResult, type TestResult } from './test-result.ts'

/**
 * Does the sequence differ from itself, shifted, in half of the places? (GM/T 0005-2021 5.9)
 *
 * @param shift - in bits; 1, 2, 8 and 16 in the norm
 * @throws RangeError when no bit would be left
 */
export function autocorrelation(bits: Bits, shift: number): TestResult {
  requireLength('autocorrelation', bits, shift + 1)
  const compared = bits.length - shift
  let differences = 0
  for (let i = 0; i < compared; i++) differences += (bits[i] ?? 0) ^ (bits[i + shift] ?? 0)
  return normalResult((2 * differences - compared) / Math.sqrt(compared))
}
