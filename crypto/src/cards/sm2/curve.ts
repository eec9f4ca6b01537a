import { weierstrass } from '@noble/curves/abstract/weierstrass.js'

import { sm3 } from '../../backends/sm3.ts'
import { assertBytes, concat, decodeHex, encodeHex, randomBytes } from '../../bytes.ts'
import { DEFAULT_SM2_ID } from '../algorithms.ts'

/** Bytes of a coordinate, a scalar and half a signature. */
export const SM2_FIELD_BYTES = 32
/** Bytes of an uncompressed point. */
export const SM2_POINT_BYTES = 65
/** Longest id that GB/T 32918.2 section 5.5 can tell: its length in bits has two bytes. */
export const MAX_SM2_ID_BYTES = 8191
/** Half as long again as the order: the remainder is uniform but for 2⁻¹²⁸. */
const WIDE_SCALAR_BYTES = 48

const A = 'fffffffeffffffffffffffffffffffffffffffff00000000fffffffffffffffc'
const B = '28e9fa9e9d9f5e344d5a9e4bcf6509a7f39789f515ab8f92ddbcbd414d940e93'
const G =
  '32c4ae2c1f1981195f9904466a39c9948fe30bbff2660be1715a4589334c74c7' +
  'bc3736a2f4f6779c59bdcee36b692153d0a9877cc62a474002df32e52139f0a0'

/** The recommended curve of GB/T 32918.5-2017 section 3. */
export const Sm2Point = weierstrass({
  p: 0xfffffffeffffffffffffffffffffffffffffffff00000000ffffffffffffffffn,
  a: BigInt(`0x${A}`),
  b: BigInt(`0x${B}`),
  n: 0xfffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123n,
  h: 1n,
  Gx: BigInt(`0x${G.slice(0, 64)}`),
  Gy: BigInt(`0x${G.slice(64)}`),
})

/** The scalar of a private key. @param bytes - 32 bytes, big-endian, 1 to n − 2 (GB/T 32918.1 section 6.1) */
export function sm2Scalar(bytes: Uint8Array): bigint {
  assertBytes('SM2 private key', bytes, SM2_FIELD_BYTES)
  const scalar = BigInt(`0x${encodeHex(bytes)}`)
  if (scalar < 1n || scalar > Sm2Point.Fn.ORDER - 2n) {
    throw new RangeError('SM2 private key: expected a number from 1 to n - 2')
  }
  return scalar
}

/**
 * A random number from 1 to n − 2, as a private key or a nonce.
 *
 * @param random - gives so many random bytes
 */
export function randomSm2Scalar(random: (lengthBytes: number) => Uint8Array = randomBytes): bigint {
  const wide = BigInt(`0x${encodeHex(random(WIDE_SCALAR_BYTES))}`)
  return (wide % (Sm2Point.Fn.ORDER - 2n)) + 1n
}

/**
 * Z, which binds a signature to the signer's id and key: SM3(ENTL ‖ id ‖ a ‖ b ‖ G ‖ public key), GB/T 32918.2
 * section 5.5.
 *
 * @param point - the signer's public key, 65 bytes
 */
export function sm2SignerDigest(
  point: Uint8Array,
  signerId: Uint8Array = DEFAULT_SM2_ID,
): Uint8Array {
  const idBits = 8 * signerId.length
  const length = Uint8Array.of(idBits >> 8, idBits & 0xff)
  return sm3(concat(length, signerId, decodeHex(A + B + G), point.subarray(1)))
}
