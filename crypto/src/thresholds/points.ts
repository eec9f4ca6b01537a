import { SM2_POINT_BYTES, Sm2Point } from '../cards/sm2/curve.ts'

/** A point of SM2's curve. */
export type Point = InstanceType<typeof Sm2Point>

/** The curve's generator. */
export const GENERATOR: Point = Sm2Point.BASE
/** The point at infinity, which is no public value of an honest party. */
export const ZERO_POINT: Point = Sm2Point.ZERO

/** 65 bytes, uncompressed. */
export function encodePoint(point: Point): Uint8Array {
  return point.toBytes(false)
}

/**
 * Reads a point that somebody sent. The curve's order is prime, so every point of it but infinity is of full order.
 *
 * @throws RangeError when it is no point of the curve, or infinity.
 */
export function decodePoint(bytes: Uint8Array): Point {
  if (bytes.length !== SM2_POINT_BYTES || bytes[0] !== 4) {
    throw new RangeError('point: expected 65 bytes that begin with 04')
  }
  try {
    return Sm2Point.fromBytes(bytes)
  } catch (cause) {
    throw new RangeError('point: expected a point of the curve of SM2', { cause })
  }
}

/** A multiple of a point; the scalar is public or the caller's own, and may be 0. */
export function multiply(point: Point, scalar: bigint): Point {
  return scalar === 0n ? ZERO_POINT : point.multiply(scalar)
}
