import { upperGamma } from './special-functions.ts'

/** Significance level of a single test: one random sequence in a hundred fails. */
export const SIGNIFICANCE = 0.01
/** Least value of {@link uniformity} that passes (GM/T 0005-2021 6.3). */
export const LEAST_UNIFORMITY = 0.0001

const CLASS_COUNT = 10

/**
 * How many of some sequences must pass a test with P ≥ {@link SIGNIFICANCE} (GM/T 0005-2021 6.2;
 * NIST SP 800-22 4.2.1): three standard deviations below the expected number.
 */
export function leastPasses(sequenceCount: number): number {
  const deviation = Math.sqrt((SIGNIFICANCE * (1 - SIGNIFICANCE)) / sequenceCount)
  return Math.ceil(sequenceCount * (1 - SIGNIFICANCE - 3 * deviation))
}

/**
 * Are one test's Q-values of many sequences spread evenly over 0 … 1? (GM/T 0005-2021 6.3)
 *
 * @returns the chance that the Q-values of a good source are spread at least as unevenly
 */
export function uniformity(qValues: readonly number[]): number {
  const counts = new Array<number>(CLASS_COUNT).fill(0)
  for (const q of qValues) {
    const index = Math.min(Math.floor(q * CLASS_COUNT), CLASS_COUNT - 1)
    counts[index] = (counts[index] ?? 0) + 1
  }
  const expected = qValues.length / CLASS_COUNT
  const statistic = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0)
  return upperGamma((CLASS_COUNT - 1) / 2, statistic / 2)
}
