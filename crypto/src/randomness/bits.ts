/** A sequence of bits, one in each element, 0 or 1. */
export type Bits = Uint8Array

/** Takes bytes apart, each from its highest bit to its lowest. */
export function unpackBits(bytes: Uint8Array): Bits {
  const bits = new Uint8Array(bytes.length * 8)
  bytes.forEach((byte, index) => {
    for (let bit = 0; bit < 8; bit++) bits[index * 8 + bit] = (byte >> (7 - bit)) & 1
  })
  return bits
}

/** Number of ones. */
export function countOnes(bits: Bits): number {
  let ones = 0
  for (const bit of bits) ones += bit
  return ones
}

/**
 * Refuses a sequence that a test can say nothing about.
 *
 * @throws RangeError when there are fewer than `least` bits
 */
export function requireLength(test: string, bits: Bits, least: number): void {
  if (bits.length < least) {
    throw new RangeError(`${test}: expected at least ${least} bits, got ${bits.length}`)
  }
}
