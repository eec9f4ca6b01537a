import { type Bits, requireLength } from './bits.ts'
import { upperGamma } from './special-functions.ts'
import { oneSidedResult, type TestResult } from './test-result.ts'

const SIDE = 32
/** Chances of rank 32, 31 and less (GM/T 0005-2021 5.10; rounded like in NIST SP 800-22 2.5.4). */
const CHANCES = [0.2888, 0.5776, 0.1336]

/**
 * Are the rows of 32 × 32 matrices as independent as by chance? (NIST SP 800-22 2.5;
 * GM/T 0005-2021 5.10)
 *
 * @throws RangeError when there are not 1024 bits, one matrix
 */
export function matrixRank(bits: Bits): TestResult {
  requireLength('matrix rank', bits, SIDE * SIDE)
  const matrixCount = Math.floor(bits.length / (SIDE * SIDE))
  const counts = CHANCES.map(() => 0)
  for (let matrix = 0; matrix < matrixCount; matrix++) {
    const index = Math.min(SIDE - rank(readRows(bits, matrix * SIDE * SIDE)), CHANCES.length - 1)
    counts[index] = (counts[index] ?? 0) + 1
  }
  const statistic = CHANCES.reduce((sum, chance, index) => {
    const expected = matrixCount * chance
    return sum + ((counts[index] ?? 0) - expected) ** 2 / expected
  }, 0)
  return oneSidedResult(upperGamma(1, statistic / 2))
}

function readRows(bits: Bits, start: number): Uint32Array {
  const rows = new Uint32Array(SIDE)
  for (let i = 0; i < SIDE * SIDE; i++) {
    const row = Math.floor(i / SIDE)
    rows[row] = ((rows[row] ?? 0) << 1) | (bits[start + i] ?? 0)
  }
  return rows
}

/** Rank over GF(2): each row in turn clears its leading bit from the rows after it. */
function rank(rows: Uint32Array): number {
  let found = 0
  for (const [index, row] of rows.entries()) {
    if (row === 0) continue
    found++
    const leading = 1 << (31 - Math.clz32(row))
    for (let other = index + 1; other < rows.length; other++) {
      const value = rows[other] ?? 0
      if ((value & leading) !== 0) rows[other] = value ^ row
    }
  }
  return found
}
