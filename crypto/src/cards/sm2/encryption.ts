import { sm3 } from '../../backends/sm3.ts'
import { concat, equalConstantTime, randomBytes, u32be, wipe } from '../../bytes.ts'
import { AuthenticationError } from '../../errors.ts'
import { randomSm2Scalar, SM2_FIELD_BYTES, SM2_POINT_BYTES, Sm2Point, sm2Scalar } from './curve.ts'

const DIGEST_BYTES = 32

/**
 * SM2 public-key encryption (GB/T 32918.4-2016 section 6.1), in JavaScript: OpenSSL's is out of reach of
 * node:crypto.
 *
 * @param point - the public key, 65 bytes uncompressed
 * @param data - at least 1 byte
 * @param random - gives so many random bytes
 * @returns C1 ‖ C3 ‖ C2
 * @throws RangeError when the public key is no point of the curve
 */
export function sealSm2(
  point: Uint8Array,
  data: Uint8Array,
  random: (lengthBytes: number) => Uint8Array = randomBytes,
): Uint8Array<ArrayBuffer> {
  return sealSm2Provably(point, data, random).sealed
}

/** As {@link sealSm2}, and also gives the scalar of C1: whoever knows it made the ciphertext, and can open it. */
export function sealSm2Provably(
  point: Uint8Array,
  data: Uint8Array,
  random: (lengthBytes: number) => Uint8Array = randomBytes,
): { readonly sealed: Uint8Array<ArrayBuffer>; readonly scalar: bigint } {
  const publicKey = decodePoint(point)
  for (;;) {
    const scalar = randomSm2Scalar(random)
    const shared = coordinatesOf(publicKey.multiply(scalar))
    const mask = deriveMask(shared, data.length)
    // Step A5: a mask of zeros would hide nothing. Only data of a few bytes can ever meet it.
    if (mask.every((byte) => byte === 0)) continue
    const sealed = concat(
      Sm2Point.BASE.multiply(scalar).toBytes(false),
      digestOf(shared, data),
      combine(data, mask),
    )
    wipe(shared, mask)
    return { sealed, scalar }
  }
}

/**
 * Opens what {@link sealSm2} sealed (section 7.1).
 *
 * @param privateKey - 32 bytes
 * @throws AuthenticationError when it is damaged or sealed to another key
 */
export function openSm2(privateKey: Uint8Array, sealed: Uint8Array): Uint8Array<ArrayBuffer> {
  const scalar = sm2Scalar(privateKey)
  let shared: Uint8Array
  try {
    shared = decodePoint(sealed.subarray(0, SM2_POINT_BYTES)).multiply(scalar).toBytes(false)
  } catch (cause) {
    throw notAuthentic(cause)
  }
  return openSm2Shared(shared, sealed)
}

/**
 * Opens it from the point that both sides share (steps B3 to B6), for those who have the point without the private key.
 *
 * @param sharedPoint - private key times C1, 65 bytes; wiped
 * @throws AuthenticationError when it is damaged or sealed to another key
 */
export function openSm2Shared(
  sharedPoint: Uint8Array,
  sealed: Uint8Array,
): Uint8Array<ArrayBuffer> {
  if (sealed.length <= SM2_POINT_BYTES + DIGEST_BYTES) throw notAuthentic()
  const digest = sealed.subarray(SM2_POINT_BYTES, SM2_POINT_BYTES + DIGEST_BYTES)
  const masked = sealed.subarray(SM2_POINT_BYTES + DIGEST_BYTES)
  const shared = sharedPoint.subarray(1)
  const mask = deriveMask(shared, masked.length)
  const data = combine(masked, mask)
  const isAuthentic = equalConstantTime(digestOf(shared, data), digest)
  wipe(sharedPoint, mask)
  if (isAuthentic) return data
  wipe(data)
  throw notAuthentic()
}

/** Only points of the curve: another curve's would give the private key away bit by bit. */
function decodePoint(bytes: Uint8Array): InstanceType<typeof Sm2Point> {
  if (bytes.length !== SM2_POINT_BYTES || bytes[0] !== 4) {
    throw new RangeError('SM2 point: expected 65 bytes that begin with 04')
  }
  try {
    return Sm2Point.fromBytes(bytes)
  } catch (cause) {
    throw new RangeError('SM2 point: expected a point of the curve', { cause })
  }
}

/** x ‖ y. */
function coordinatesOf(point: InstanceType<typeof Sm2Point>): Uint8Array {
  return point.toBytes(false).subarray(1)
}

/** The key derivation function of section 5.4.3. */
function deriveMask(shared: Uint8Array, lengthBytes: number): Uint8Array {
  const mask = new Uint8Array(lengthBytes)
  for (let block = 0; block * DIGEST_BYTES < lengthBytes; block++) {
    const digest = sm3(concat(shared, u32be(block + 1)))
    mask.set(digest.subarray(0, lengthBytes - block * DIGEST_BYTES), block * DIGEST_BYTES)
  }
  return mask
}

/** C3: SM3(x ‖ data ‖ y). */
function digestOf(shared: Uint8Array, data: Uint8Array): Uint8Array {
  const pieces = concat(shared.subarray(0, SM2_FIELD_BYTES), data, shared.subarray(SM2_FIELD_BYTES))
  const digest = sm3(pieces)
  wipe(pieces)
  return digest
}

function combine(data: Uint8Array, mask: Uint8Array): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(data, (byte, at) => byte ^ (mask[at] ?? 0))
}

function notAuthentic(cause?: unknown): AuthenticationError {
  return new AuthenticationError('SM2 ciphertext is damaged, or was encrypted to another key', {
    cause,
  })
}
