import { type Bits, countOnes, requireLength } from './bits.ts'
import { upperGamma } from './special-functions.ts'
import { oneSidedResult, type TestResult } from './test-result.ts'

/**
 * Are there as many ones as zeros in each block? (NIST SP 800-22 2.2; GM/T 0005-2021 5.2)
 *
 * @param blockBits - length of a block; the rest after the last whole block is left out
 * @throws RangeError when there is not one whole block
 */
export function blockFrequency(bits: Bits, blockBits: number): TestResult {
  requireLength('block frequency', bits, blockBits)
  const blockCount = Math.floor(bits.length / blockBits)
  let squares = 0
  for (let block = 0; block < blockCount; block++) {
    const ones = countOnes(bits.subarray(block * blockBits, (block + 1) * blockBits))
    squares += (ones / blockBits - 0.5) ** 2
  }
  return oneSidedResult(upperGamma(blockCount / 2, 2 * blockBits * squares))
}
