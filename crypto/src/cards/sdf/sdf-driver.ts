import { AuthenticationError } from '../../errors.ts'
import { type CardAlgorithm, type CardHashName, DEFAULT_SM2_ID } from '../algorithms.ts'
import type * as Card from '../card.ts'
import type { CardDriver } from '../card-driver.ts'
import {
  CardKeyError,
  CardPinError,
  CardSelfTestError,
  CardUnsupportedError,
} from '../card-errors.ts'
import type { SessionPool } from '../session-pool.ts'
import { runBlockMac, runCipher } from './ciphers.ts'
import { runHmac, SdfHash } from './hashes.ts'
import type { KeyStore, SdfKek, SdfKey, SdfPrivate, SdfSecret } from './key-store.ts'
import { exportPublicKey, openWith, pointOf, sealTo, signWith, verifyWith } from './key-pairs.ts'
import type { PinGuard } from './pin-guard.ts'
import type { SecretKeys } from './secret-keys.ts'
import type { SdfDevice, SdfSession } from './session.ts'

/** What the driver is put together from. */
export interface SdfParts {
  readonly identity: Card.CardIdentity
  readonly candidates: readonly CardAlgorithm[]
  readonly composed: readonly CardAlgorithm[]
  readonly device: SdfDevice
  readonly pool: SessionPool<SdfSession>
  readonly store: KeyStore
  readonly pins: PinGuard
  readonly secrets: SecretKeys
}

/** Key indices of a device. */
const INDEX = /^[1-9][0-9]{0,3}$/
/** Random bytes that are this many, and all the same, come from a source that is stuck: one in 2⁶⁴ otherwise. */
const LEAST_JUDGED_BYTES = 9
const NO_BYTES = new Uint8Array(0)

/** A card's operations on a device of GM/T 0018. */
export class SdfDriver implements CardDriver<SdfKey> {
  readonly identity: Card.CardIdentity
  readonly candidates: readonly CardAlgorithm[]
  readonly composed: readonly CardAlgorithm[]
  readonly #parts: SdfParts

  constructor(parts: SdfParts) {
    this.identity = parts.identity
    this.candidates = parts.candidates
    this.composed = parts.composed
    this.#parts = parts
  }

  /** @throws CardSelfTestError when all bytes of the device's random source are the same */
  random(lengthBytes: number, signal?: AbortSignal): Promise<Uint8Array<ArrayBuffer>> {
    return this.#use(signal, async (session) => {
      const bytes = new Uint8Array(lengthBytes)
      const { callBytes } = session.device.profile
      for (let start = 0; start < lengthBytes; start += callBytes) {
        const piece = bytes.subarray(start, start + callBytes)
        await session.call('SDF_GenerateRandom', piece.length, piece)
        this.#judgeRandom(piece)
      }
      return bytes
    })
  }

  generateKey({ type, signal }: Card.GenerateKeyRequest): Promise<SdfKey> {
    return this.#use(signal, (session) => this.#parts.secrets.generate(session, type))
  }

  importKey({ bytes, signal }: Card.ImportKeyRequest): Promise<SdfKey> {
    return this.#use(signal, (session) => this.#parts.secrets.import(session, bytes))
  }

  generateKeyPair(): Promise<Card.CardKeyPair<SdfKey>> {
    return Promise.reject(
      new CardUnsupportedError(
        this.identity.name,
        'a GM/T 0018 device gives new private keys out in the clear, so none is made; use its stored keys',
      ),
    )
  }

  async storedKey({
    use,
    name,
    signal,
  }: Card.StoredKeySelector): Promise<Card.StoredKey<SdfKey> | null> {
    if (!INDEX.test(name)) return null
    const index = Number(name)
    return this.#use(signal, async (session) => {
      try {
        return await this.#find(session, use, index)
      } catch (error) {
        if (error instanceof CardKeyError) return null
        throw error
      }
    })
  }

  async destroyKey(key: SdfKey): Promise<void> {
    if (key.kind === 'secret') await this.#parts.store.destroy(key)
  }

  encrypt(request: Card.CipherRequest<SdfKey>): Promise<Uint8Array<ArrayBuffer>> {
    return this.#cipher(request, true)
  }

  decrypt(request: Card.CipherRequest<SdfKey>): Promise<Uint8Array<ArrayBuffer>> {
    return this.#cipher(request, false)
  }

  mac({ algorithm, key, data, signal }: Card.MacRequest<SdfKey>): Promise<Uint8Array<ArrayBuffer>> {
    const secret = secretOf(key)
    return this.#use(signal, async (session) => {
      const there = { session, handle: await this.#parts.store.handleIn(session, secret) }
      return algorithm === 'sm4-cbc-mac'
        ? runBlockMac(there, data)
        : runHmac(there, algorithm, data)
    })
  }

  async createHash(algorithm: CardHashName, signal?: AbortSignal): Promise<Card.CardHash> {
    return SdfHash.begin(algorithm, await this.#parts.pool.lease(signal))
  }

  sign(request: Card.SignRequest<SdfKey>): Promise<Uint8Array<ArrayBuffer>> {
    const key = privateOf(request.key)
    const { message, signerId = DEFAULT_SM2_ID } = request
    return this.#use(request.signal, (session) =>
      signWith(session, this.#parts.pins, key, { message, signerId }),
    )
  }

  verify(request: Card.VerifyRequest): Promise<boolean> {
    const point = pointOf(request.publicKey)
    const { message, signature, signerId = DEFAULT_SM2_ID } = request
    return this.#use(request.signal, (session) =>
      verifyWith(session, point, { message, signature, signerId }),
    )
  }

  async encryptTo(request: Card.EncryptToRequest): Promise<Uint8Array<ArrayBuffer>> {
    const point = pointOf(request.publicKey)
    return this.#use(request.signal, (session) => sealTo(session, point, request.data))
  }

  decryptWith(request: Card.DecryptWithRequest<SdfKey>): Promise<Uint8Array<ArrayBuffer>> {
    const key = privateOf(request.key)
    return this.#use(request.signal, (session) =>
      openWith(session, this.#parts.pins, key, request.data),
    )
  }

  async generateWrappedKey(
    request: Card.GenerateWrappedKeyRequest<SdfKey>,
  ): Promise<{ readonly key: SdfKey; readonly wrapped: Uint8Array<ArrayBuffer> }> {
    const { under, type, signal } = request
    const { secrets } = this.#parts
    if ('publicKey' in under) {
      const point = pointOf(under.publicKey)
      return this.#use(signal, (session) => secrets.generateTo(session, type, point))
    }
    const { index } = kekOf(under.key)
    return this.#use(signal, (session) => secrets.generateUnderKek(session, type, index))
  }

  /** Under a key-encryption key a device wraps keys only in the moment that it makes them. */
  async wrapKey(request: Card.WrapKeyRequest<SdfKey>): Promise<Uint8Array<ArrayBuffer>> {
    const { under, signal } = request
    if (!('publicKey' in under)) {
      throw new CardUnsupportedError(
        this.identity.name,
        'a GM/T 0018 device wraps a key under a key-encryption key only when it makes it: generateWrappedKey',
      )
    }
    const key = secretOf(request.key)
    const point = pointOf(under.publicKey)
    return this.#use(signal, (session) => this.#parts.secrets.exchange(session, key, point))
  }

  unwrapKey(request: Card.UnwrapKeyRequest<SdfKey>): Promise<SdfKey> {
    const { under, signal } = request
    if (under.kind === 'secret') throw new TypeError('under: expected a key kept on the device')
    return this.#use(signal, (session) => this.#parts.secrets.unwrap(session, request, under))
  }

  async close(): Promise<void> {
    const { pool, store, device } = this.#parts
    await pool.close()
    store.close()
    // A device that is gone cannot be closed either.
    await device.library.call('SDF_CloseDevice', device.handle)
  }

  #cipher(
    request: Card.CipherRequest<SdfKey>,
    isEncrypt: boolean,
  ): Promise<Uint8Array<ArrayBuffer>> {
    const secret = secretOf(request.key)
    const { algorithm, iv, data, additionalData = NO_BYTES } = request
    return this.#use(request.signal, async (session) => {
      const handle = await this.#parts.store.handleIn(session, secret)
      return runCipher({ session, handle }, { algorithm, isEncrypt, iv, data, additionalData })
    })
  }

  async #find(
    session: SdfSession,
    use: Card.StoredKeySelector['use'],
    index: number,
  ): Promise<Card.StoredKey<SdfKey>> {
    if (use !== 'wrap') {
      const key = await exportPublicKey(session, use, index)
      return { key, type: 'sm2', publicKey: { type: 'sm2', point: key.point } }
    }
    // The standard has no question whether such a key exists; it answers when the key is used.
    const { store, secrets } = this.#parts
    const { key } = await secrets.generateUnderKek(session, 'sm4', index)
    await store.discard(session, key)
    return { key: { kind: 'kek', index }, type: 'kek', publicKey: null }
  }

  /** Runs an action in a session of its own. The session is closed when it may be left half done. */
  async #use<Result>(
    signal: AbortSignal | undefined,
    action: (session: SdfSession) => Promise<Result>,
  ): Promise<Result> {
    const { session, release } = await this.#parts.pool.lease(signal)
    let isSound = false
    try {
      const result = await session.exclusive(() => action(session))
      isSound = true
      return result
    } catch (error) {
      isSound = isAnswer(error)
      throw error
    } finally {
      release(isSound)
    }
  }

  #judgeRandom(bytes: Uint8Array): void {
    const [first] = bytes
    if (bytes.length < LEAST_JUDGED_BYTES || bytes.some((byte) => byte !== first)) return
    throw new CardSelfTestError(
      this.identity.name,
      'random bytes differ from one another',
      'its random source gives one byte again and again; do not use the card, have it examined',
    )
  }
}

/** Whether a failure is the device's word on what it was given, after which its session is as before. */
function isAnswer(error: unknown): boolean {
  return (
    error instanceof AuthenticationError ||
    error instanceof CardKeyError ||
    error instanceof CardPinError ||
    error instanceof CardUnsupportedError
  )
}

function secretOf(key: SdfKey): SdfSecret {
  if (key.kind === 'secret') return key
  throw new TypeError(`key: expected a secret key, got a ${key.kind} one`)
}

function privateOf(key: SdfKey): SdfPrivate {
  if (key.kind === 'private') return key
  throw new TypeError(`key: expected a private key, got a ${key.kind} one`)
}

function kekOf(key: SdfKey): SdfKek {
  if (key.kind === 'kek') return key
  throw new TypeError(`key: expected a key-encryption key, got a ${key.kind} one`)
}
