import { type Bits, requireLength } from './bits.ts'
import { upperGamma } from './special-functions.ts'
import { oneSidedResult, type TestResult } from './test-result.ts'

/** Chances of the classes of T (NIST SP 800-22 3.10; its 1/96 and 1/48 rounded like there). */
const CHANCES = [0.010417, 0.03125, 0.125, 0.5, 0.25, 0.0625, 0.020833]

/** Settings of {@link linearComplexity}. */
export interface LinearComplexityOptions {
  /** Length of a block; 500 and 1000 in GM/T 0005-2021. */
  readonly blockBits: number
  /** Only so many blocks from the start; all when left out. */
  readonly maxBlocks?: number
}

/**
 * Is the shortest shift register that makes each block as long as by chance? (NIST SP 800-22 2.10;
 * GM/T 0005-2021 5.13)
 *
 * @throws RangeError when there is not one whole block
 */
export function linearComplexity(bits: Bits, options: LinearComplexityOptions): TestResult {
  const { blockBits, maxBlocks = Infinity } = options
  requireLength('linear complexity', bits, blockBits)
  const blockCount = Math.min(Math.floor(bits.length / blockBits), maxBlocks)
  const sign = blockBits % 2 === 0 ? 1 : -1
  const mean = blockBits / 2 + (9 - sign) / 36 - (blockBits / 3 + 2 / 9) / 2 ** blockBits
  const counts = CHANCES.map(() => 0)
  for (let block = 0; block < blockCount; block++) {
    const length = shortestRegister(bits.subarray(block * blockBits, (block + 1) * blockBits))
    const t = sign * (length - mean) + 2 / 9
    // Classes: up to −2.5, up to −1.5, … up to 2.5, above.
    const index = Math.min(Math.max(Math.ceil(t + 2.5), 0), CHANCES.length - 1)
    counts[index] = (counts[index] ?? 0) + 1
  }
  const statistic = CHANCES.reduce((sum, chance, index) => {
    const expected = blockCount * chance
    return sum + ((counts[index] ?? 0) - expected) ** 2 / expected
  }, 0)
  return oneSidedResult(upperGamma((CHANCES.length - 1) / 2, statistic / 2))
}

/**
 * Length of the shortest linear feedback shift register that makes a sequence: the Berlekamp–Massey
 * algorithm over GF(2) (J. L. Massey, IEEE Trans. Inf. Theory 15, 1969), 32 coefficients at a time.
 */
export function shortestRegister(bits: Bits): number {
  const words = (bits.length >> 5) + 1
  let connection = new Uint32Array(words)
  let spare = new Uint32Array(words)
  // Already multiplied by x^(steps since the register last grew).
  let previous = new Uint32Array(words)
  // The bits so far, the latest lowest.
  const history = new Uint32Array(words)
  connection[0] = 1
  previous[0] = 1
  let length = 0
  for (let n = 0; n < bits.length; n++) {
    shiftUp(history, bits[n] ?? 0)
    shiftUp(previous, 0)
    if (parityOfCommon(connection, history) === 0) continue
    for (let i = 0; i < words; i++) spare[i] = (connection[i] ?? 0) ^ (previous[i] ?? 0)
    if (2 * length <= n) {
      length = n + 1 - length
      ;[previous, connection, spare] = [connection, spare, previous]
    } else {
      ;[connection, spare] = [spare, connection]
    }
  }
  return length
}

function shiftUp(words: Uint32Array, lowest: number): void {
  let carry = lowest
  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? 0
    words[i] = (word << 1) | carry
    carry = word >>> 31
  }
}

function parityOfCommon(left: Uint32Array, right: Uint32Array): number {
  let folded = 0
  for (let i = 0; i < left.length; i++) folded ^= (left[i] ?? 0) & (right[i] ?? 0)
  for (let shift = 16; shift > 0; shift >>= 1) folded ^= folded >>> shift
  return folded & 1
}
