import { endianness } from 'node:os'

import type { StoredKey, StoredKeySelector } from '../card.ts'
import { CardKeyError, CardUnsupportedError } from '../card-errors.ts'
import type { KeyType } from '../algorithms.ts'
import { CKA, CKK, CKO } from './constants.ts'
import type { CkAttribute, CkHandle, Cryptoki } from './cryptoki.ts'
import { CKR, returnCodeOf } from './return-codes.ts'
import { pairTypeOf, PUBLIC_ATTRIBUTES, readPublicKey, type TokenKey } from './token-key.ts'

const AES_256_BYTES = 32

interface Place {
  readonly card: string
  readonly cryptoki: Cryptoki
  readonly session: CkHandle
}

/**
 * A key that the token keeps under a label: a secret one to wrap with, a private one otherwise.
 *
 * @returns null when there is none
 * @throws CardKeyError when several have this label; CardUnsupportedError for a type that the driver has not
 */
export function findStoredKey(
  place: Place,
  { use, name }: StoredKeySelector,
): StoredKey<TokenKey> | null {
  const keyClass = use === 'wrap' ? CKO.SECRET_KEY : CKO.PRIVATE_KEY
  const object = findOne(place, keyClass, name)
  if (object === null) return null
  const type = use === 'wrap' ? secretTypeOf(place, object, name) : pairOf(place, object, name)
  const key = { type, object, isStored: true }
  if (type !== 'p256' && type !== 'rsa') return { key, type, publicKey: null }
  const publicObject = findOne(place, CKO.PUBLIC_KEY, name) ?? object
  const values = PUBLIC_ATTRIBUTES[type].map((attribute) =>
    readAttribute(place, publicObject, attribute),
  )
  return { key, type, publicKey: readPublicKey(type, values) }
}

function findOne(
  { card, cryptoki, session }: Place,
  keyClass: number,
  label: string,
): CkHandle | null {
  const template: CkAttribute[] = [
    { type: CKA.CLASS, value: keyClass },
    { type: CKA.TOKEN, value: true },
    { type: CKA.LABEL, value: Buffer.from(label) },
  ]
  cryptoki.C_FindObjectsInit(session, template)
  const found = cryptoki.C_FindObjects(session, 2)
  cryptoki.C_FindObjectsFinal(session)
  const [object] = found
  if (found.length <= 1) return object ?? null
  throw new CardKeyError(card, `several keys have the label "${label}"; give each its own`)
}

function secretTypeOf(place: Place, object: CkHandle, label: string): KeyType {
  const isAes = readNumber(place, object, CKA.KEY_TYPE) === CKK.AES
  if (isAes && readNumber(place, object, CKA.VALUE_LEN) === AES_256_BYTES) return 'aes-256'
  throw new CardUnsupportedError(place.card, `the key "${label}" is not of AES with 256 bits`)
}

function pairOf(place: Place, object: CkHandle, label: string): KeyType {
  const keyType = readNumber(place, object, CKA.KEY_TYPE)
  const parameters = keyType === CKK.EC ? readAttribute(place, object, CKA.EC_PARAMS) : null
  const type = keyType === null ? null : pairTypeOf(keyType, parameters)
  if (type !== null) return type
  throw new CardUnsupportedError(place.card, `the key "${label}" is neither of RSA nor of P-256`)
}

/** A number of the token: a CK_ULONG, whose low bytes hold all that is asked for here. */
function readNumber(place: Place, object: CkHandle, attribute: number): number | null {
  const value = readAttribute(place, object, attribute)
  return value === null ? null : asNumber(value)
}

/** The value of an attribute; null when the object does not have it. */
export function readAttribute(
  { cryptoki, session }: Place,
  object: CkHandle,
  attribute: number,
): Buffer | null {
  try {
    return cryptoki.C_GetAttributeValue(session, object, [{ type: attribute }])[0]?.value ?? null
  } catch (error) {
    // An attribute that the object does not have is a failure to the library.
    const code = returnCodeOf(error)
    if (code === CKR.ATTRIBUTE_TYPE_INVALID || code === CKR.ATTRIBUTE_SENSITIVE) return null
    throw error
  }
}

function asNumber(value: Buffer): number {
  return endianness() === 'LE'
    ? value.readUInt32LE(0)
    : value.readUInt32BE(value.length - Uint32Array.BYTES_PER_ELEMENT)
}
