import { type Bits, countOnes, requireLength } from './bits.ts'
import { normalResult, type TestResult } from './test-result.ts'

/**
 * Are ones and zeros balanced after each bit was XORed with its neighbour, `order` times over?
 * (GM/T 0005-2021 5.8)
 *
 * @param order - 3 and 7 in the norm
 * @throws RangeError when no bit would be left
 */
export function binaryDerivative(bits: Bits, order: number): TestResult {
  requireLength('binary derivative', bits, order + 1)
  const derived = Uint8Array.from(bits)
  let length = bits.length
  for (let round = 0; round < order; round++) {
    length--
    for (let i = 0; i < length; i++) derived[i] = (derived[i] ?? 0) ^ (derived[i + 1] ?? 0)
  }
  return normalResult((2 * countOnes(derived.subarray(0, length)) - length) / Math.sqrt(length))
}
