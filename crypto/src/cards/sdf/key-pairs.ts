import { concat } from '../../bytes.ts'
import { AuthenticationError } from '../../errors.ts'
import { MAX_ENVELOPE_BYTES } from '../algorithms.ts'
import type { CardPublicKey } from '../card.ts'
import { CardFailureError, CardKeyError } from '../card-errors.ts'
import { SM2_POINT_BYTES, Sm2Point } from '../sm2/curve.ts'
import { numberOf } from './ciphers.ts'
import { digestToSign } from './hashes.ts'
import type { SdfPrivate } from './key-store.ts'
import type { PinGuard } from './pin-guard.ts'
import type { SdfSession } from './session.ts'
import { SDR, sdfError } from './status.ts'
import {
  decodeCipher,
  decodePublicKey,
  decodeSignature,
  encodeCipher,
  encodePublicKey,
  encodeSignature,
  NativeNumber,
  newStructure,
} from './structures.ts'

const SIGNATURE_BYTES = 64
/** C1 and C3: what stands before the encrypted bytes. */
export const SEALED_HEAD_BYTES = SM2_POINT_BYTES + 32

/** How devices say that a signature is not right, or that its numbers cannot be one. */
const NOT_VERIFIED: readonly number[] = [
  SDR.verify,
  SDR.sign,
  SDR.publicKeyOperation,
  SDR.inputArgument,
]
/** How devices say that a ciphertext is damaged. */
const NOT_OPENED: readonly number[] = [
  SDR.encryptedData,
  SDR.privateKeyOperation,
  SDR.key,
  SDR.inputArgument,
]

/** @throws RangeError unless the public key is a point of SM2's curve: devices do not all look */
export function pointOf(publicKey: CardPublicKey): Uint8Array {
  if (publicKey.type !== 'sm2') {
    throw new RangeError(`publicKey: expected one of type sm2, got ${publicKey.type}`)
  }
  if (isOnCurve(publicKey.point)) return publicKey.point
  throw new RangeError('publicKey: expected a point of the curve')
}

/** The public half of a key pair of the device. @throws CardKeyError when there is none of this index */
export async function exportPublicKey(
  session: SdfSession,
  use: SdfPrivate['use'],
  index: number,
): Promise<SdfPrivate> {
  const operation = use === 'sign' ? 'SDF_ExportSignPublicKey_ECC' : 'SDF_ExportEncPublicKey_ECC'
  const structure = newStructure()
  await session.call(operation, index, structure)
  const point = decodePublicKey(session.device.profile, structure)
  if (isOnCurve(point)) return { kind: 'private', use, index, point }
  throw new CardFailureError(
    session.device.card,
    { operation, status: SDR.ok },
    `${operation} gave a public key that is no point of the curve; ` +
      'the structures of its profile are not those of its header file',
  )
}

/** @returns r ‖ s */
export async function signWith(
  session: SdfSession,
  pins: PinGuard,
  key: SdfPrivate,
  signed: { readonly message: Uint8Array; readonly signerId: Uint8Array },
): Promise<Uint8Array<ArrayBuffer>> {
  checkUse(session, key, 'sign')
  const digest = await digestToSign(session, key.point, signed.message, signed.signerId)
  const structure = newStructure()
  await pins.unlock(session, key.index)
  await session.call('SDF_InternalSign_ECC', key.index, digest, digest.length, structure)
  return decodeSignature(session.device.profile, structure)
}

export async function verifyWith(
  session: SdfSession,
  point: Uint8Array,
  signed: {
    readonly message: Uint8Array
    readonly signerId: Uint8Array
    readonly signature: Uint8Array
  },
): Promise<boolean> {
  if (signed.signature.length !== SIGNATURE_BYTES) return false
  const { card, profile } = session.device
  const digest = await digestToSign(session, point, signed.message, signed.signerId)
  const operation = 'SDF_ExternalVerify_ECC'
  const status = await session.ask(
    operation,
    numberOf(session, 'sm2-sign'),
    encodePublicKey(profile, point),
    digest,
    digest.length,
    encodeSignature(profile, signed.signature),
  )
  if (status === SDR.ok) return true
  if (NOT_VERIFIED.includes(status)) return false
  throw sdfError({ card, profile, operation, status })
}

/** @returns C1 ‖ C3 ‖ C2 */
export async function sealTo(
  session: SdfSession,
  point: Uint8Array,
  data: Uint8Array,
): Promise<Uint8Array<ArrayBuffer>> {
  const structure = newStructure()
  await session.call(
    'SDF_ExternalEncrypt_ECC',
    numberOf(session, 'sm2-encrypt'),
    encodePublicKey(session.device.profile, point),
    data,
    data.length,
    structure,
  )
  return readSealed(session, structure)
}

/** @throws AuthenticationError when it is damaged, or encrypted to another key */
export async function openWith(
  session: SdfSession,
  pins: PinGuard,
  key: SdfPrivate,
  sealed: Uint8Array,
): Promise<Uint8Array<ArrayBuffer>> {
  checkUse(session, key, 'decrypt')
  const { card, profile } = session.device
  if (!isSealed(sealed)) throw notOpened()
  await pins.unlock(session, key.index)
  const room = newStructure()
  const length = new NativeNumber(MAX_ENVELOPE_BYTES)
  const operation = 'SDF_InternalDecrypt_ECC'
  const number = profile.decryptTakesNumber ? [numberOf(session, 'sm2-encrypt')] : []
  const status = await session.ask(
    operation,
    key.index,
    ...number,
    encodeCipher(profile, sealed),
    room,
    length.memory,
  )
  if (NOT_OPENED.includes(status)) throw notOpened()
  if (status !== SDR.ok) throw sdfError({ card, profile, operation, status })
  const dataBytes = sealed.length - SEALED_HEAD_BYTES
  const data = concat(room.subarray(0, dataBytes))
  room.fill(0)
  if (length.value !== dataBytes) throw notOpened()
  return data
}

/** Whether bytes have the form of an SM2 ciphertext that fits a device's structure. */
export function isSealed(bytes: Uint8Array): boolean {
  const dataBytes = bytes.length - SEALED_HEAD_BYTES
  return dataBytes >= 1 && dataBytes <= MAX_ENVELOPE_BYTES && bytes[0] === 4
}

/** C1 ‖ C3 ‖ C2 of an ECCCipher that the device wrote. */
export function readSealed(session: SdfSession, structure: Uint8Array): Uint8Array<ArrayBuffer> {
  const sealed = decodeCipher(session.device.profile, structure)
  if (sealed !== null) return sealed
  throw new CardFailureError(
    session.device.card,
    { operation: 'SDF_ExternalEncrypt_ECC', status: SDR.ok },
    'it wrote an ECCCipher of an impossible length; the structures of its profile are not those of its header file',
  )
}

/** @throws CardKeyError when the pair is the device's other one of this index */
export function checkUse(session: SdfSession, key: SdfPrivate, use: SdfPrivate['use']): void {
  if (key.use === use) return
  throw new CardKeyError(
    session.device.card,
    `key ${String(key.index)} was taken to ${key.use}; take the stored key of the use ${use}`,
  )
}

function isOnCurve(point: Uint8Array): boolean {
  try {
    Sm2Point.fromBytes(point)
    return true
  } catch {
    return false
  }
}

function notOpened(): AuthenticationError {
  return new AuthenticationError('SM2 ciphertext is damaged, or was encrypted to another key')
}
