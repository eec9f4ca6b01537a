import { upperErrorFunction } from './special-functions.ts'

/**
 * What a statistical test says of one sequence. Both lists have one value for each statistic the
 * test computes (one for most, two for serial and cumulative sums).
 */
export interface TestResult {
  /** Chance that a truly random sequence looks at least as odd; the sequence passes from 0.01 on. */
  pValues: number[]
  /** Spread evenly over 0 … 1 for a good source (GM/T 0005-2021, 6.3); input of `uniformity`. */
  qValues: number[]
}

/** Result of statistics that only large values speak against: the Q-values are the P-values. */
export function oneSidedResult(...pValues: number[]): TestResult {
  return { pValues, qValues: [...pValues] }
}

/**
 * Result of a statistic that is standard normal for a random sequence, where both tails speak
 * against it.
 */
export function normalResult(statistic: number): TestResult {
  const scaled = statistic / Math.SQRT2
  return {
    pValues: [upperErrorFunction(Math.abs(scaled))],
    qValues: [upperErrorFunction(scaled) / 2],
  }
}
