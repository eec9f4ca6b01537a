import type { Bits } from './bits.ts'

/**
 * How often each pattern occurs, overlapping, the sequence taken as a ring.
 *
 * @param patternBits - length of a pattern, at most 30
 * @returns the count of each pattern, its first bit the highest of the index
 */
export function countPatterns(bits: Bits, patternBits: number): Uint32Array {
  const counts = new Uint32Array(2 ** patternBits)
  const mask = counts.length - 1
  let pattern = 0
  for (let i = 0; i < patternBits - 1; i++) pattern = (pattern << 1) | (bits[i % bits.length] ?? 0)
  for (let i = 0; i < bits.length; i++) {
    const next = bits[(i + patternBits - 1) % bits.length] ?? 0
    pattern = ((pattern << 1) | next) & mask
    counts[pattern] = (counts[pattern] ?? 0) + 1
  }
  return counts
}

/** The counts of patterns one bit shorter. */
export function shortenPatterns(counts: Uint32Array): Uint32Array {
  return Uint32Array.from(
    { length: counts.length / 2 },
    (_, index) => (counts[2 * index] ?? 0) + (counts[2 * index + 1] ?? 0),
  )
}
