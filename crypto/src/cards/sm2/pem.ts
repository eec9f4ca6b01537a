import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'

import { decodeHex, equalConstantTime } from '../../bytes.ts'
import { MalformedError } from '../../errors.ts'
import { SM2_FIELD_BYTES, SM2_POINT_BYTES, Sm2Point, sm2Scalar } from './curve.ts'

/** AlgorithmIdentifier of a key of SM2's curve (RFC 5480 section 2.1.1; the curve is 1.2.156.10197.1.301). */
const ALGORITHM = '301306072a8648ce3d020106082a811ccf5501822d'
/** SubjectPublicKeyInfo up to the point, and PrivateKeyInfo up to the number: every length is fixed. */
const SPKI_HEAD = decodeHex(`3059${ALGORITHM}034200`)
const PKCS8_HEAD = decodeHex(`308187020100${ALGORITHM}046d306b0201010420`)

/**
 * Reads an SM2 public key as OpenSSL writes it (`openssl pkey -pubout`).
 *
 * @returns the point, 65 bytes, uncompressed
 * @throws MalformedError when it is no PEM of such a key
 */
export function parseSm2PublicKey(pem: string): Uint8Array {
  const der = derOf(pem, (text) => createPublicKey(text), { type: 'spki', format: 'der' })
  return checkedPoint(fieldAt(der, SPKI_HEAD, SM2_POINT_BYTES))
}

/**
 * Reads an SM2 private key as OpenSSL writes it, not encrypted.
 *
 * @returns 32 bytes; wipe them after use
 * @throws MalformedError when it is no PEM of such a key. The message repeats nothing of it.
 */
export function parseSm2PrivateKey(pem: string): Uint8Array {
  const der = derOf(pem, (text) => createPrivateKey(text), { type: 'pkcs8', format: 'der' })
  const scalar = fieldAt(der, PKCS8_HEAD, SM2_FIELD_BYTES)
  try {
    sm2Scalar(scalar)
    return scalar
  } finally {
    der.fill(0)
  }
}

/** An SM2 public key (65 bytes) as PEM (RFC 7468 section 13). */
export function formatSm2PublicKey(point: Uint8Array): string {
  const key = Buffer.concat([SPKI_HEAD, point])
  return createPublicKey({ key, format: 'der', type: 'spki' })
    .export({ type: 'spki', format: 'pem' })
    .toString()
}

function derOf(
  pem: string,
  parse: (pem: string) => KeyObject,
  encoding: { readonly type: 'spki' | 'pkcs8'; readonly format: 'der' },
): Buffer {
  try {
    return parse(pem).export(encoding)
  } catch {
    // What OpenSSL says of a private key is not passed on.
    throw notSm2()
  }
}

function fieldAt(der: Uint8Array, head: Uint8Array, lengthBytes: number): Uint8Array {
  const isSm2 = equalConstantTime(der.subarray(0, head.length), head)
  const field = Uint8Array.from(der.subarray(head.length, head.length + lengthBytes))
  if (!isSm2 || field.length !== lengthBytes) throw notSm2()
  return field
}

function checkedPoint(point: Uint8Array): Uint8Array {
  try {
    Sm2Point.fromBytes(point)
    return point
  } catch {
    throw notSm2()
  }
}

function notSm2(): MalformedError {
  return new MalformedError(
    "this is no SM2 key in PEM; make one with 'openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:SM2'",
  )
}
