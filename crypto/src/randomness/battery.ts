import { approximateEntropy } from './approximate-entropy.ts'
import { autocorrelation } from './autocorrelation.ts'
import { binaryDerivative } from './binary-derivative.ts'
import type { Bits } from './bits.ts'
import { blockFrequency } from './block-frequency.ts'
import { cumulativeSums } from './cumulative-sums.ts'
import { linearComplexity } from './linear-complexity.ts'
import { longestRun } from './longest-run.ts'
import { matrixRank } from './matrix-rank.ts'
import { maurerUniversal } from './maurer-universal.ts'
import { monobit } from './monobit.ts'
import { poker } from './poker.ts'
import { runDistribution } from './run-distribution.ts'
import { runs } from './runs.ts'
import { serial } from './serial.ts'
import { spectral } from './spectral.ts'
import type { TestResult } from './test-result.ts'

/** One test with its settings; each of its values is a row of a report. */
export interface BatteryTest {
  /** One name for each value of the result. */
  readonly rows: readonly string[]
  readonly run: (bits: Bits) => TestResult
}

/** Settings of the linear complexity test: the slowest, so that not every block is tried. */
const REGISTER_BLOCKS = 400

/**
 * The fifteen tests of GM/T 0005-2021 with its settings for 10⁶ bits, and further settings from
 * NIST SP 800-22. Sequences should have about 10⁶ bits.
 */
export const BATTERY: readonly BatteryTest[] = [
  { rows: ['monobit'], run: monobit },
  ...[128, 10_000].map((blockBits) => ({
    rows: [`block frequency, m = ${blockBits}`],
    run: (bits: Bits) => blockFrequency(bits, blockBits),
  })),
  ...[4, 8].map((patternBits) => ({
    rows: [`poker, m = ${patternBits}`],
    run: (bits: Bits) => poker(bits, patternBits),
  })),
  ...[2, 3, 5, 16].map((patternBits) => ({
    rows: [`serial, m = ${patternBits}, first`, `serial, m = ${patternBits}, second`],
    run: (bits: Bits) => serial(bits, patternBits),
  })),
  { rows: ['runs'], run: runs },
  { rows: ['run distribution'], run: runDistribution },
  ...([1, 0] as const).map((value) => ({
    rows: [`longest run of ${value === 1 ? 'ones' : 'zeros'}, m = 10000`],
    run: (bits: Bits) => longestRun(bits, 10_000, value),
  })),
  ...[3, 7].map((order) => ({
    rows: [`binary derivative, k = ${order}`],
    run: (bits: Bits) => binaryDerivative(bits, order),
  })),
  ...[1, 2, 8, 16, 32, 128].map((shift) => ({
    rows: [`autocorrelation, d = ${shift}`],
    run: (bits: Bits) => autocorrelation(bits, shift),
  })),
  { rows: ['matrix rank'], run: matrixRank },
  { rows: ['cumulative sums, forwards', 'cumulative sums, backwards'], run: cumulativeSums },
  ...[2, 5, 10].map((patternBits) => ({
    rows: [`approximate entropy, m = ${patternBits}`],
    run: (bits: Bits) => approximateEntropy(bits, patternBits),
  })),
  ...[500, 1000].map((blockBits) => ({
    rows: [`linear complexity, m = ${blockBits} (${REGISTER_BLOCKS} blocks)`],
    run: (bits: Bits) => linearComplexity(bits, { blockBits, maxBlocks: REGISTER_BLOCKS }),
  })),
  { rows: ['Maurer universal, L = 7'], run: maurerUniversal },
  { rows: ['discrete Fourier transform'], run: spectral },
]
