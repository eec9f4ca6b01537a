import { randomSm2Scalar } from '../cards/sm2/curve.ts'
import { assertInteger } from '../bytes.ts'
import { decodePoint, encodePoint, GENERATOR, multiply, type Point, ZERO_POINT } from './points.ts'
import { decodeScalar, encodeScalar, Scalars } from './scalars.ts'

/** Most parties of a joint key. */
export const MAX_PARTIES = 255

/** How many parties there are, and how many of them act together. */
export interface Quorum {
  /** 2 to `parties`. */
  readonly threshold: number
  /** 2 to 255. */
  readonly parties: number
}

/** A number split among parties so that each can check its share. */
export interface Dealing {
  /** [a₀]G … [a of threshold − 1]G, 65 bytes each; the first is the public point of the number. */
  readonly commitments: readonly Uint8Array[]
  /** 32 bytes for each party, from party 1 on. Each is for its party alone. */
  readonly shares: readonly Uint8Array[]
}

/** @throws RangeError when the numbers are out of range. */
export function checkQuorum({ threshold, parties }: Quorum): void {
  assertInteger('parties', parties, { min: 2, max: MAX_PARTIES })
  assertInteger('threshold', threshold, { min: 2, max: parties })
}

/**
 * Deals a number: Feldman, "A practical scheme for non-interactive verifiable secret sharing" (1987), over the curve of SM2.
 *
 * @param secret - 1 to n − 2.
 * @throws RangeError for a quorum out of range.
 */
export function deal(secret: bigint, quorum: Quorum): Dealing {
  checkQuorum(quorum)
  const others = Array.from({ length: quorum.threshold - 1 }, () => randomSm2Scalar())
  const coefficients = [secret, ...others]
  return {
    commitments: coefficients.map((one) => encodePoint(multiply(GENERATOR, one))),
    shares: Array.from({ length: quorum.parties }, (_, at) =>
      encodeScalar(valueAt(coefficients, at + 1)),
    ),
  }
}

/**
 * Whether a share is what the dealer committed to.
 *
 * @param party - whose share it is, from 1.
 * @returns false for bytes that are no share and commitments that are no points, too.
 */
export function holdsShare(
  commitments: readonly Uint8Array[],
  party: number,
  share: Uint8Array,
): boolean {
  try {
    const image = multiply(GENERATOR, decodeScalar(share))
    return image.equals(imageAt(commitments.map(decodePoint), party))
  } catch {
    return false
  }
}

/** The public point of a party's share: the committed polynomial at its place, in the exponent. */
export function imageAt(commitments: readonly Point[], party: number): Point {
  let sum = ZERO_POINT
  for (const commitment of commitments.toReversed()) {
    sum = multiply(sum, BigInt(party)).add(commitment)
  }
  return sum
}

/** Horner's rule. */
function valueAt(coefficients: readonly bigint[], place: number): bigint {
  let value = 0n
  for (const coefficient of coefficients.toReversed()) {
    value = Scalars.add(Scalars.mul(value, BigInt(place)), coefficient)
  }
  return value
}
