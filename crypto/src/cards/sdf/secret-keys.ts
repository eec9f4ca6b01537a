import { concat, wipe } from '../../bytes.ts'
import { SECRET_BYTES, type SecretType } from '../algorithms.ts'
import type { UnwrapKeyRequest } from '../card.ts'
import { CardKeyError, CardUnsupportedError } from '../card-errors.ts'
import { checkLength, numberOf } from './ciphers.ts'
import { checkUse, isSealed, readSealed, SEALED_HEAD_BYTES, sealTo } from './key-pairs.ts'
import type { KeyStore, SdfKek, SdfPrivate, SdfSecret } from './key-store.ts'
import type { PinGuard } from './pin-guard.ts'
import type { SdfSession } from './session.ts'
import {
  encodeCipher,
  encodePublicKey,
  NativeHandle,
  NativeNumber,
  newStructure,
} from './structures.ts'

const HMAC_KEY_BYTES = 32
/** Longest form of a wrapped key that is taken from a device. */
const WRAPPED_ROOM_BYTES = 1024

/** A secret key, and what it is outside the device. */
interface WrappedKey {
  readonly key: SdfSecret
  readonly wrapped: Uint8Array<ArrayBuffer>
}

/** The device's own keys under which the card keeps the keys that it makes; null for none. */
export interface KeptUnder {
  readonly kek: number | null
  readonly pair: SdfPrivate | null
}

/** How a card makes, takes in and wraps secret keys. Every method has the session for itself. */
export class SecretKeys {
  readonly #store: KeyStore
  readonly #pins: PinGuard
  readonly #under: KeptUnder

  constructor(store: KeyStore, pins: PinGuard, under: KeptUnder) {
    this.#store = store
    this.#pins = pins
    this.#under = under
  }

  async generate(session: SdfSession, type: SecretType): Promise<SdfSecret> {
    const { kek, pair } = this.#under
    if (kek !== null) return (await this.generateUnderKek(session, type, kek)).key
    if (pair !== null) return this.#generateUnderPair(session, type, pair)
    const bytes = await drawKey(session, type)
    try {
      return await this.import(session, bytes)
    } finally {
      wipe(bytes)
    }
  }

  /** @param bytes - copied; kept in memory where the device has no key pair for us */
  async import(session: SdfSession, bytes: Uint8Array): Promise<SdfSecret> {
    const { pair } = this.#under
    if (pair === null) {
      if (!session.device.library.has('SDF_ImportKey')) throw cannotImport(session)
      return this.#store.keep({ from: 'memory', bytes: concat(bytes) })
    }
    const wrapped = newStructure()
    const number = numberOf(session, 'sm2-encrypt')
    const publicKey = encodePublicKey(session.device.profile, pair.point)
    await session.call('SDF_ExternalEncrypt_ECC', number, publicKey, bytes, bytes.length, wrapped)
    return this.#store.keep({ from: 'pair', index: pair.index, wrapped })
  }

  /** The device makes a key and gives it out under one of its key-encryption keys. */
  async generateUnderKek(
    session: SdfSession,
    type: SecretType,
    index: number,
  ): Promise<WrappedKey> {
    const room = new Uint8Array(WRAPPED_ROOM_BYTES)
    const length = new NativeNumber(room.length)
    const handle = new NativeHandle()
    const operation = 'SDF_GenerateKeyWithKEK'
    await session.call(
      operation,
      8 * bytesOf(type),
      numberOf(session, 'kek'),
      index,
      room,
      length.memory,
      handle.memory,
    )
    checkLength(session, operation, length.value, Math.min(length.value, room.length))
    const wrapped = concat(room.subarray(0, length.value))
    const source = { from: 'kek', index, wrapped: concat(wrapped) } as const
    const key = await this.#store.keep(source, { session, handle: handle.value })
    return { key, wrapped }
  }

  /** Makes a key and encrypts it to a public key: inside the device where it has a key pair for us. */
  async generateTo(session: SdfSession, type: SecretType, point: Uint8Array): Promise<WrappedKey> {
    const { pair } = this.#under
    if (pair === null) return this.#generateHere(session, type, point)
    const key = await this.#generateUnderPair(session, type, pair)
    try {
      return { key, wrapped: await this.exchange(session, key, point) }
    } catch (error) {
      await this.#store.discard(session, key)
      throw error
    }
  }

  /** Encrypts a key, which stands under the card's own key pair, to a public key instead, inside the device. */
  async exchange(
    session: SdfSession,
    key: SdfSecret,
    point: Uint8Array,
  ): Promise<Uint8Array<ArrayBuffer>> {
    const { source } = key
    if (source.from !== 'pair') throw cannotExchange(session)
    const target = newStructure()
    await this.#pins.unlock(session, source.index)
    await session.call(
      'SDF_ExchangeDigitEnvelopeBaseOnECC',
      source.index,
      numberOf(session, 'sm2-encrypt'),
      encodePublicKey(session.device.profile, point),
      source.wrapped,
      target,
    )
    return readSealed(session, target)
  }

  /** @throws CardKeyError when it is damaged, or wrapped under another key */
  async unwrap(
    session: SdfSession,
    { type, wrapped }: Pick<UnwrapKeyRequest<unknown>, 'type' | 'wrapped'>,
    under: SdfKek | SdfPrivate,
  ): Promise<SdfSecret> {
    const key = await this.#store.keep(this.#sourceOf(session, { type, wrapped }, under))
    try {
      await this.#store.handleIn(session, key)
      return key
    } catch (error) {
      await this.#store.discard(session, key)
      throw error
    }
  }

  #sourceOf(
    session: SdfSession,
    { type, wrapped }: Pick<UnwrapKeyRequest<unknown>, 'type' | 'wrapped'>,
    under: SdfKek | SdfPrivate,
  ): SdfSecret['source'] {
    const { index } = under
    if (under.kind === 'kek') {
      if (wrapped.length < 1 || wrapped.length > WRAPPED_ROOM_BYTES) throw damaged(session, type)
      return { from: 'kek', index, wrapped: concat(wrapped) }
    }
    checkUse(session, under, 'decrypt')
    const { min, max } = SECRET_BYTES[type]
    const keyBytes = wrapped.length - SEALED_HEAD_BYTES
    if (!isSealed(wrapped) || keyBytes < min || keyBytes > max) throw damaged(session, type)
    return { from: 'pair', index, wrapped: encodeCipher(session.device.profile, wrapped) }
  }

  async #generateHere(
    session: SdfSession,
    type: SecretType,
    point: Uint8Array,
  ): Promise<WrappedKey> {
    const bytes = await drawKey(session, type)
    try {
      const wrapped = await sealTo(session, point, bytes)
      return { key: await this.import(session, bytes), wrapped }
    } finally {
      wipe(bytes)
    }
  }

  async #generateUnderPair(
    session: SdfSession,
    type: SecretType,
    { index }: SdfPrivate,
  ): Promise<SdfSecret> {
    const wrapped = newStructure()
    const handle = new NativeHandle()
    const bits = 8 * bytesOf(type)
    await session.call('SDF_GenerateKeyWithIPK_ECC', index, bits, wrapped, handle.memory)
    return this.#store.keep({ from: 'pair', index, wrapped }, { session, handle: handle.value })
  }
}

async function drawKey(session: SdfSession, type: SecretType): Promise<Uint8Array> {
  const bytes = new Uint8Array(bytesOf(type))
  await session.call('SDF_GenerateRandom', bytes.length, bytes)
  return bytes
}

function bytesOf(type: SecretType): number {
  return type === 'hmac' ? HMAC_KEY_BYTES : SECRET_BYTES[type].max
}

function cannotImport({ device }: SdfSession): CardUnsupportedError {
  return new CardUnsupportedError(
    device.card,
    'its library has no SDF_ImportKey; set keyPair to the index of an encryption key pair with its PIN',
  )
}

function cannotExchange({ device }: SdfSession): CardUnsupportedError {
  return new CardUnsupportedError(
    device.card,
    'it wraps only keys that it keeps under a key pair of its own; set keyPair to the index of one',
  )
}

function damaged({ device }: SdfSession, type: SecretType): CardKeyError {
  return new CardKeyError(
    device.card,
    `the wrapped key of type ${type} is damaged; restore it from where it was kept`,
  )
}
