import {
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  generateKeyPair,
  type KeyObject,
} from 'node:crypto'
import { promisify } from 'node:util'

import { p256 } from '@noble/curves/nist.js'

import { concat, decodeHex, encodeHex, randomBytes, wipe } from '../../bytes.ts'
import type { PairType, SecretType } from '../algorithms.ts'
import type { CardPublicKey } from '../card.ts'
import { SM2_FIELD_BYTES, Sm2Point, sm2Scalar } from '../sm2/curve.ts'

/** A key of the software card. Its bytes are in this process's memory. */
export type SoftwareKey =
  { readonly type: SecretType; readonly secret: KeyObject } | SoftwarePrivateKey

export interface SoftwarePrivateKey {
  readonly type: PairType
  readonly privateKey: KeyObject
  readonly publicKey: CardPublicKey
  /** SM2 and P-256: the private number; null for RSA. */
  readonly scalar: Uint8Array | null
}

const RSA_BITS = 3072
/** RFC 5480: algorithm identifiers of keys of these curves (1.2.156.10197.1.301 is SM2's). */
const EC_ALGORITHMS = {
  sm2: '301306072a8648ce3d020106082a811ccf5501822d',
  p256: '301306072a8648ce3d020106082a8648ce3d030107',
} as const
/** Half as long again as the order: the remainder is uniform but for 2⁻¹²⁸. */
const WIDE_SCALAR_BYTES = 48

export function secretKey(type: SecretType, bytes: Uint8Array): SoftwareKey {
  return { type, secret: createSecretKey(bytes) }
}

/** @param scalar - 32 bytes, big-endian; kept, not copied */
export function privateKey(type: 'sm2' | 'p256', scalar: Uint8Array): SoftwarePrivateKey {
  const point =
    type === 'sm2'
      ? Sm2Point.BASE.multiply(sm2Scalar(scalar)).toBytes(false)
      : p256.getPublicKey(scalar, false)
  return {
    type,
    privateKey: createPrivateKey({
      key: encodePkcs8(type, scalar, point),
      format: 'der',
      type: 'pkcs8',
    }),
    publicKey: { type, point },
    scalar,
  }
}

/** A new key pair by the platform's random source. */
export async function makePrivateKey(type: PairType): Promise<SoftwarePrivateKey> {
  if (type === 'sm2') return privateKey(type, randomSm2Scalar())
  if (type === 'p256') return privateKey(type, p256.utils.randomSecretKey())
  const pair = await promisify(generateKeyPair)('rsa', { modulusLength: RSA_BITS })
  const { n = '', e = '' } = pair.publicKey.export({ format: 'jwk' })
  const publicKey = {
    type,
    modulus: Uint8Array.from(Buffer.from(n, 'base64url')),
    exponent: Uint8Array.from(Buffer.from(e, 'base64url')),
  }
  return { type, privateKey: pair.privateKey, publicKey, scalar: null }
}

/** The form in which OpenSSL takes a public key. */
export function publicKeyObject(publicKey: CardPublicKey): KeyObject {
  if (publicKey.type === 'rsa') {
    const n = Buffer.from(publicKey.modulus).toString('base64url')
    const e = Buffer.from(publicKey.exponent).toString('base64url')
    return createPublicKey({ key: { kty: 'RSA', n, e }, format: 'jwk' })
  }
  return createPublicKey({ key: encodeSpki(publicKey), format: 'der', type: 'spki' })
}

/** Wipes what can be wiped: OpenSSL frees its own copy when nothing refers to it any more. */
export function forgetKey(key: SoftwareKey): void {
  if ('scalar' in key && key.scalar !== null) wipe(key.scalar)
}

/** 1 to n − 2 (GB/T 32918.1 section 6.1). */
function randomSm2Scalar(): Uint8Array {
  const wide = randomBytes(WIDE_SCALAR_BYTES)
  const scalar = (BigInt(`0x${encodeHex(wide)}`) % (Sm2Point.Fn.ORDER - 2n)) + 1n
  wipe(wide)
  return decodeHex(scalar.toString(16).padStart(2 * SM2_FIELD_BYTES, '0'))
}

/** PrivateKeyInfo (RFC 5208) around ECPrivateKey (RFC 5915). Every length is fixed. */
function encodePkcs8(type: 'sm2' | 'p256', scalar: Uint8Array, point: Uint8Array): Buffer {
  return Buffer.from(
    concat(
      decodeHex(`308187020100${EC_ALGORITHMS[type]}046d306b0201010420`),
      scalar,
      decodeHex('a144034200'),
      point,
    ),
  )
}

/** SubjectPublicKeyInfo (RFC 5480 section 2). */
function encodeSpki({ type, point }: Extract<CardPublicKey, { point: Uint8Array }>): Buffer {
  return Buffer.from(concat(decodeHex(`3059${EC_ALGORITHMS[type]}034200`), point))
}
