import { p256 } from '@noble/curves/nist.js'

import { assertBytes, assertInteger } from '../bytes.ts'
import { AuthenticationError } from '../errors.ts'
import {
  type CardAlgorithm,
  CIPHER_BLOCK_BYTES,
  CIPHERS,
  type KeyType,
  MAX_CALL_BYTES,
  MAX_ENVELOPE_BYTES,
  type PairType,
  SECRET_BYTES,
  type SecretType,
} from './algorithms.ts'
import type {
  CardPublicKey,
  CipherRequest,
  EncryptToRequest,
  MacRequest,
  VerifyRequest,
} from './card.ts'
import { MAX_SM2_ID_BYTES, SM2_POINT_BYTES, Sm2Point } from './sm2/curve.ts'

/** What SM2 adds to the data: a point and a digest. */
const SM2_ENVELOPE_OVERHEAD_BYTES = 97
/** Bounds of an RSA modulus: 2048 to 4096 bits. */
const RSA_MODULUS_BYTES = { min: 256, max: 512 }
/** FIPS 186-5 section A.1.1 lets an exponent have up to 256 bits. */
const RSA_EXPONENT_BYTES = { min: 1, max: 32 }

/** @throws TypeError or RangeError unless the bytes are as long as the type asks for */
export function checkSecret(type: SecretType, bytes: Uint8Array): void {
  assertBytes('key', bytes)
  assertInteger('length of the key', bytes.length, SECRET_BYTES[type])
}

/** @param isSealed - whether `data` may, and for GCM must, hold more than the plaintext */
export function checkCipherRequest(request: CipherRequest<unknown>, isSealed: boolean): void {
  const { ivBytes, wholeBlocks, tagBytes } = CIPHERS[request.algorithm]
  assertBytes('iv', request.iv, ivBytes)
  if (request.additionalData !== undefined) {
    assertBytes('additionalData', request.additionalData, tagBytes === 0 ? 0 : undefined)
  }
  checkData(request.data, 0, MAX_CALL_BYTES + (isSealed ? tagBytes : 0))
  if (wholeBlocks) checkWholeBlocks(request.algorithm, request.data)
}

export function checkMacRequest({ algorithm, data }: MacRequest<unknown>): void {
  const isBlockMac = algorithm === 'sm4-cbc-mac'
  checkData(data, isBlockMac ? CIPHER_BLOCK_BYTES : 0)
  if (isBlockMac) checkWholeBlocks(algorithm, data)
}

export function checkData(data: Uint8Array, min = 0, max: number = MAX_CALL_BYTES): void {
  assertBytes('data', data)
  assertInteger('length of the data', data.length, { min, max })
}

export function checkSignerId(signerId: Uint8Array | undefined): void {
  if (signerId === undefined) return
  assertBytes('signerId', signerId)
  assertInteger('length of the signerId', signerId.length, { min: 0, max: MAX_SM2_ID_BYTES })
}

export function checkVerifyRequest(request: VerifyRequest): void {
  checkData(request.message)
  assertBytes('signature', request.signature)
  checkSignerId(request.signerId)
}

export function checkEncryptToRequest(request: EncryptToRequest): void {
  checkPublicKey('sm2', request.publicKey)
  checkData(request.data, 1, MAX_ENVELOPE_BYTES)
}

/** @throws RangeError when the key is of another type or its parts of other lengths */
export function checkPublicKey(type: PairType, publicKey: CardPublicKey): void {
  if (publicKey.type !== type) {
    throw new RangeError(`publicKey: expected one of type ${type}, got ${publicKey.type}`)
  }
  if (publicKey.type === 'rsa') {
    assertBytes('modulus', publicKey.modulus)
    assertInteger('length of the modulus', publicKey.modulus.length, RSA_MODULUS_BYTES)
    assertBytes('exponent', publicKey.exponent)
    assertInteger('length of the exponent', publicKey.exponent.length, RSA_EXPONENT_BYTES)
  } else {
    checkPoint(type === 'sm2' ? Sm2Point : p256.Point, publicKey.point)
  }
}

/** @throws AuthenticationError when it has not even the length of an SM2 ciphertext */
export function checkEnvelope(sealed: Uint8Array): void {
  assertBytes('data', sealed)
  const dataBytes = sealed.length - SM2_ENVELOPE_OVERHEAD_BYTES
  if (dataBytes < 1 || dataBytes > MAX_ENVELOPE_BYTES || sealed[0] !== 4) {
    throw new AuthenticationError(
      `data: no SM2 ciphertext of 1 to ${String(MAX_ENVELOPE_BYTES)} bytes`,
    )
  }
}

/** @throws RangeError for private keys and key-encryption keys, which are never wrapped */
export function checkSecretType(type: KeyType): asserts type is SecretType {
  if (Object.hasOwn(SECRET_BYTES, type)) return
  throw new RangeError(`key: only secret keys can be wrapped, got one of type ${type}`)
}

function checkPoint(curve: { fromBytes(bytes: Uint8Array): unknown }, point: Uint8Array): void {
  assertBytes('point', point, SM2_POINT_BYTES)
  try {
    curve.fromBytes(point)
  } catch (cause) {
    throw new RangeError('point: expected an uncompressed point of the curve', { cause })
  }
}

function checkWholeBlocks(algorithm: CardAlgorithm, data: Uint8Array): void {
  if (data.length % CIPHER_BLOCK_BYTES === 0) return
  throw new RangeError(
    `data: ${algorithm} takes whole blocks of ${String(CIPHER_BLOCK_BYTES)} bytes, ` +
      `got ${String(data.length)} bytes`,
  )
}
