import { concat, decodeHex, encodeHex } from '../../bytes.ts'
import type { KeyType, PairType, SecretType } from '../algorithms.ts'
import type { CardPublicKey } from '../card.ts'
import { CKA, CKK, CKO } from './constants.ts'
import type { CkAttribute, CkHandle } from './cryptoki.ts'

/** A key inside a token. */
export interface TokenKey {
  readonly type: KeyType
  readonly object: CkHandle
  /** Whether it is kept on the token, and so not destroyed with the card's other keys. */
  readonly isStored: boolean
}

/** The object identifier of P-256 as DER: 1.2.840.10045.3.1.7 (RFC 5480 section 2.1.1.1). */
const P256_PARAMS = Buffer.from('06082a8648ce3d030107', 'hex')
/** Tag and length of the OCTET STRING that PKCS #11 puts around a point of 65 bytes. */
const POINT_HEADER = decodeHex('0441')
const POINT_BYTES = 65
const RSA_BITS = 3072
const RSA_EXPONENT = Buffer.of(1, 0, 1)

/**
 * Attributes of a secret key of the session. It may be wrapped, never read: sensitive and extractable together
 * say just that (PKCS #11 v2.40 base section 4.9).
 */
export function secretTemplate(type: SecretType, keyType: number): CkAttribute[] {
  const isMac = type === 'hmac'
  return [
    { type: CKA.CLASS, value: CKO.SECRET_KEY },
    { type: CKA.KEY_TYPE, value: keyType },
    { type: CKA.TOKEN, value: false },
    { type: CKA.PRIVATE, value: true },
    { type: CKA.SENSITIVE, value: true },
    { type: CKA.EXTRACTABLE, value: true },
    { type: CKA.SIGN, value: isMac },
    { type: CKA.VERIFY, value: isMac },
    { type: CKA.ENCRYPT, value: !isMac },
    { type: CKA.DECRYPT, value: !isMac },
    { type: CKA.WRAP, value: type === 'aes-256' },
    { type: CKA.UNWRAP, value: type === 'aes-256' },
  ]
}

/** Attributes of a new key pair of the session: its public and its private half. */
export function pairTemplates(type: 'p256' | 'rsa'): [CkAttribute[], CkAttribute[]] {
  const parameters =
    type === 'p256'
      ? [{ type: CKA.EC_PARAMS, value: P256_PARAMS }]
      : [
          { type: CKA.MODULUS_BITS, value: RSA_BITS },
          { type: CKA.PUBLIC_EXPONENT, value: RSA_EXPONENT },
        ]
  return [
    [
      { type: CKA.TOKEN, value: false },
      { type: CKA.PRIVATE, value: false },
      { type: CKA.VERIFY, value: true },
      ...parameters,
    ],
    [
      { type: CKA.TOKEN, value: false },
      { type: CKA.PRIVATE, value: true },
      { type: CKA.SENSITIVE, value: true },
      { type: CKA.EXTRACTABLE, value: false },
      { type: CKA.SIGN, value: true },
    ],
  ]
}

/** Attributes under which a public key is brought in to verify with. */
export function publicTemplate(publicKey: CardPublicKey): CkAttribute[] {
  const common = [
    { type: CKA.CLASS, value: CKO.PUBLIC_KEY },
    { type: CKA.TOKEN, value: false },
    { type: CKA.PRIVATE, value: false },
    { type: CKA.VERIFY, value: true },
  ]
  if (publicKey.type === 'rsa') {
    return [
      ...common,
      { type: CKA.KEY_TYPE, value: CKK.RSA },
      { type: CKA.MODULUS, value: Buffer.from(publicKey.modulus) },
      { type: CKA.PUBLIC_EXPONENT, value: Buffer.from(publicKey.exponent) },
    ]
  }
  return [
    ...common,
    { type: CKA.KEY_TYPE, value: CKK.EC },
    { type: CKA.EC_PARAMS, value: P256_PARAMS },
    { type: CKA.EC_POINT, value: Buffer.from(concat(POINT_HEADER, publicKey.point)) },
  ]
}

/** Which attributes tell a public key of a type, in the order that {@link readPublicKey} takes. */
export const PUBLIC_ATTRIBUTES: Readonly<Record<'p256' | 'rsa', readonly number[]>> = {
  p256: [CKA.EC_POINT],
  rsa: [CKA.MODULUS, CKA.PUBLIC_EXPONENT],
}

/** The public key that a token's attributes tell; null when they are of another form. */
export function readPublicKey(
  type: 'p256' | 'rsa',
  [first, second]: readonly (Uint8Array | null)[],
): CardPublicKey | null {
  if (first === undefined || first === null) return null
  if (type === 'rsa') {
    if (second === undefined || second === null) return null
    return { type, modulus: withoutZeros(first), exponent: withoutZeros(second) }
  }
  // Some libraries leave the OCTET STRING out (PKCS #11 v2.40 errata).
  const point = first.slice(first.length - POINT_BYTES)
  return point.length === POINT_BYTES && point[0] === 4
    ? { type, point: Uint8Array.from(point) }
    : null
}

/** The pair type of a private key that a token keeps; null for one this driver does not work with. */
export function pairTypeOf(keyType: number, parameters: Uint8Array | null): PairType | null {
  if (keyType === CKK.RSA) return 'rsa'
  const isP256 = parameters !== null && encodeHex(parameters) === P256_PARAMS.toString('hex')
  return keyType === CKK.EC && isP256 ? 'p256' : null
}

function withoutZeros(number: Uint8Array): Uint8Array {
  const first = number.findIndex((byte) => byte !== 0)
  return Uint8Array.from(first === -1 ? [] : number.subarray(first))
}
