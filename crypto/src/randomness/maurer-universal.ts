import { type Bits, requireLength } from './bits.ts'
import { normalResult, type TestResult } from './test-result.ts'

/** The norm's settings for 10⁶ bits: L, Q, and the mean and variance that go with L = 7. */
const BLOCK_BITS = 7
const FIRST_BLOCKS = 1280
const MEAN = 6.1962507
const VARIANCE = 3.125

/**
 * Do patterns of 7 bits come back after as long as by chance, so that the sequence cannot be
 * compressed? (NIST SP 800-22 2.9; GM/T 0005-2021 5.14)
 *
 * @throws RangeError when there is not one pattern of 7 bits after the first 1280
 */
export function maurerUniversal(bits: Bits): TestResult {
  requireLength('Maurer universal', bits, (FIRST_BLOCKS + 1) * BLOCK_BITS)
  const blockCount = Math.floor(bits.length / BLOCK_BITS)
  const lastSeen = new Uint32Array(2 ** BLOCK_BITS)
  let distances = 0
  for (let block = 1; block <= blockCount; block++) {
    let pattern = 0
    for (let i = (block - 1) * BLOCK_BITS; i < block * BLOCK_BITS; i++) {
      pattern = (pattern << 1) | (bits[i] ?? 0)
    }
    if (block > FIRST_BLOCKS) distances += Math.log2(block - (lastSeen[pattern] ?? 0))
    lastSeen[pattern] = block
  }
  const tested = blockCount - FIRST_BLOCKS
  const correction =
    0.7 - 0.8 / BLOCK_BITS + ((4 + 32 / BLOCK_BITS) * tested ** (-3 / BLOCK_BITS)) / 15
  const deviation = correction * Math.sqrt(VARIANCE / tested)
  return normalResult((distances / tested - MEAN) / deviation)
}
