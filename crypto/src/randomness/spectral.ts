import { type Bits, requireLength } from './bits.ts'
import { powerSpectrum } from './fourier.ts'
import { normalResult, type TestResult } from './test-result.ts'

/** Share of the peaks of a random sequence that stay below the threshold. */
const SHARE_BELOW = 0.95

/**
 * Are there hidden periods? (NIST SP 800-22 2.6; GM/T 0005-2021 5.15)
 *
 * The two norms divide the variance of the count by different constants.
 *
 * @param varianceDivisor - 3.8 in GM/T 0005-2021, 4 in NIST SP 800-22
 * @throws RangeError when there are fewer than 2 bits, or their number has a prime factor above 1024
 */
export function spectral(bits: Bits, varianceDivisor: 3.8 | 4 = 3.8): TestResult {
  requireLength('spectral', bits, 2)
  const power = powerSpectrum(Float64Array.from(bits, (bit) => 2 * bit - 1))
  const threshold = bits.length * Math.log(1 / (1 - SHARE_BELOW))
  const half = Math.floor(bits.length / 2)
  let below = 0
  for (const value of power.subarray(0, half)) if (value < threshold) below++
  const variance = (bits.length * SHARE_BELOW * (1 - SHARE_BELOW)) / varianceDivisor
  return normalResult((below - (SHARE_BELOW * bits.length) / 2) / Math.sqrt(variance))
}
