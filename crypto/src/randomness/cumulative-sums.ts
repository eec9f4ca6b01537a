import { type Bits, requireLength } from './bits.ts'
import { normalDistribution } from './special-functions.ts'
import { oneSidedResult, type TestResult } from './test-result.ts'

/**
 * Does the sum of the bits, taken as ±1, wander as far as by chance? (NIST SP 800-22 2.13;
 * GM/T 0005-2021 5.11)
 *
 * @returns two values each: forwards and backwards
 * @throws RangeError when there are no bits
 */
export function cumulativeSums(bits: Bits): TestResult {
  requireLength('cumulative sums', bits, 1)
  return oneSidedResult(
    chanceOfExcursion(largestExcursion(bits), bits.length),
    chanceOfExcursion(largestExcursion(Uint8Array.from(bits).reverse()), bits.length),
  )
}

function largestExcursion(bits: Bits): number {
  let sum = 0
  let largest = 0
  for (const bit of bits) {
    sum += 2 * bit - 1
    if (Math.abs(sum) > largest) largest = Math.abs(sum)
  }
  return largest
}

/** The standard's P-value (2.13.4) for an excursion z. */
function chanceOfExcursion(z: number, bitCount: number): number {
  const normal = (multiple: number): number =>
    normalDistribution((multiple * z) / Math.sqrt(bitCount))
  const reach = bitCount / z
  const last = Math.floor((reach - 1) / 4)
  let chance = 1
  for (let k = Math.floor((-reach + 1) / 4); k <= last; k++) {
    chance -= normal(4 * k + 1) - normal(4 * k - 1)
  }
  for (let k = Math.floor((-reach - 3) / 4); k <= last; k++) {
    chance += normal(4 * k + 3) - normal(4 * k + 1)
  }
  return chance
}
