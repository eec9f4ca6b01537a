import { type Bits, requireLength } from './bits.ts'
import { upperGamma } from './special-functions.ts'
import { oneSidedResult, type TestResult } from './test-result.ts'

/**
 * For each block length: the class of the shortest longest runs, and the chance of each class of a
 * random block (NIST SP 800-22 2.4.4 and 3.4). The first class takes in all shorter, the last all
 * longer runs.
 */
const CLASSES = {
  8: { shortest: 1, chances: [0.2148, 0.3672, 0.2305, 0.1875] },
  128: { shortest: 4, chances: [0.1174, 0.243, 0.2493, 0.1752, 0.1027, 0.1124] },
  10000: { shortest: 10, chances: [0.0882, 0.2092, 0.2483, 0.1933, 0.1208, 0.0675, 0.0727] },
}

/**
 * Is the longest run in each block as long as by chance? (NIST SP 800-22 2.4; GM/T 0005-2021 5.7,
 * which tests runs of zeros too)
 *
 * @param blockBits - length of a block; the rest after the last whole block is left out
 * @param value - runs of ones or of zeros
 * @throws RangeError when there is not one whole block
 */
export function longestRun(bits: Bits, blockBits: keyof typeof CLASSES, value: 0 | 1): TestResult {
  requireLength('longest run', bits, blockBits)
  const { shortest, chances } = CLASSES[blockBits]
  const blockCount = Math.floor(bits.length / blockBits)
  const counts = chances.map(() => 0)
  for (let block = 0; block < blockCount; block++) {
    const run = longestRunOf(bits.subarray(block * blockBits, (block + 1) * blockBits), value)
    const index = Math.min(Math.max(run - shortest, 0), chances.length - 1)
    counts[index] = (counts[index] ?? 0) + 1
  }
  const statistic = chances.reduce((sum, chance, index) => {
    const expected = blockCount * chance
    return sum + ((counts[index] ?? 0) - expected) ** 2 / expected
  }, 0)
  return oneSidedResult(upperGamma((chances.length - 1) / 2, statistic / 2))
}

function longestRunOf(block: Bits, value: 0 | 1): number {
  let longest = 0
  let current = 0
  for (const bit of block) {
    current = bit === value ? current + 1 : 0
    if (current > longest) longest = current
  }
  return longest
}
