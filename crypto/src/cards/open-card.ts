import { assertBytes, assertInteger } from '../bytes.ts'
import {
  type CardAlgorithm,
  type CardAlgorithmKind,
  type CardHashName,
  CIPHERS,
  type KeyType,
  MAC_KEYS,
  MAX_RANDOM_BYTES,
  SIGNATURE_PAIRS,
} from './algorithms.ts'
import type * as Card from './card.ts'
import type { CardKey, CardOperations, CryptoCard } from './card.ts'
import type { CardDriver } from './card-driver.ts'
import {
  CardClosedError,
  CardKeyError,
  CardSelfTestError,
  CardUnsupportedError,
} from './card-errors.ts'
import * as check from './check-card-request.ts'
import { OrderedHash } from './ordered-hash.ts'
import { runSelfTest, type SelfTestResult } from './self-test/run-self-test.ts'

/** The key that each wrapping works under, on the side that unwraps. */
const WRAPPING_KEYS: Readonly<Record<CardAlgorithm<'wrap'>, KeyType>> = {
  'aes-256-kw': 'aes-256',
  'sdf-kek': 'kek',
  'sm2-envelope': 'sm2',
}

/**
 * Makes a card of a driver: asks it for known answers, then lets through only what it answered rightly, with
 * arguments and keys checked. When it fails, the driver is closed.
 *
 * @throws CardError when the device cannot be asked
 */
export async function openCard<Handle>(
  driver: CardDriver<Handle>,
  signal?: AbortSignal,
): Promise<CryptoCard> {
  try {
    return new CheckedCard(driver, await runSelfTest(driver, driver.candidates, signal))
  } catch (error) {
    await driver.close()
    throw error
  }
}

class CheckedCard<Handle> implements CryptoCard {
  readonly #driver: CardDriver<Handle>
  readonly #info: Card.CardInfo
  readonly #handles = new WeakMap<CardKey, Handle>()
  #isClosed = false

  constructor(driver: CardDriver<Handle>, { passed, refused }: SelfTestResult) {
    this.#driver = driver
    this.#info = {
      ...driver.identity,
      algorithms: passed,
      composed: driver.composed.filter((algorithm) => passed.includes(algorithm)),
      refused,
    }
  }

  info(): Card.CardInfo {
    return this.#info
  }

  async selfTest(signal?: AbortSignal): Promise<void> {
    const driver = this.#ready(signal)
    const { name, algorithms } = this.#info
    const { passed, refused } = await runSelfTest(driver, algorithms, signal)
    const lost = algorithms.find((algorithm) => !passed.includes(algorithm))
    if (lost === undefined) return
    const vector = refused.find(({ algorithm }) => algorithm === lost)?.vector ?? lost
    throw wrongAnswer(name, lost, vector)
  }

  async random(lengthBytes: number, signal?: AbortSignal): Promise<Uint8Array<ArrayBuffer>> {
    assertInteger('lengthBytes', lengthBytes, { min: 1, max: MAX_RANDOM_BYTES })
    return this.#ready(signal).random(lengthBytes, signal)
  }

  async generateKey(request: Card.GenerateKeyRequest): Promise<CardKey> {
    return this.#keep(request.type, await this.#ready(request.signal).generateKey(request))
  }

  async importKey(request: Card.ImportKeyRequest): Promise<CardKey> {
    check.checkSecret(request.type, request.bytes)
    return this.#keep(request.type, await this.#ready(request.signal).importKey(request))
  }

  async generateKeyPair(request: Card.GenerateKeyPairRequest): Promise<Card.CardKeyPair<CardKey>> {
    const pair = await this.#ready(request.signal).generateKeyPair(request)
    return { ...pair, privateKey: this.#keep(request.type, pair.privateKey) }
  }

  async storedKey(selector: Card.StoredKeySelector): Promise<Card.StoredKey<CardKey> | null> {
    const stored = await this.#ready(selector.signal).storedKey(selector)
    return stored === null ? null : { ...stored, key: this.#keep(stored.type, stored.key) }
  }

  async destroyKey(key: CardKey): Promise<void> {
    const handle = this.#handleOf(key)
    this.#handles.delete(key)
    await this.#ready().destroyKey(handle)
  }

  async encrypt(request: Card.CipherRequest<CardKey>): Promise<Uint8Array<ArrayBuffer>> {
    const driver = this.#allow('cipher', request)
    check.checkCipherRequest(request, false)
    const key = this.#handleOf(request.key, CIPHERS[request.algorithm].key)
    return driver.encrypt({ ...request, key })
  }

  async decrypt(request: Card.CipherRequest<CardKey>): Promise<Uint8Array<ArrayBuffer>> {
    const driver = this.#allow('cipher', request)
    check.checkCipherRequest(request, true)
    const key = this.#handleOf(request.key, CIPHERS[request.algorithm].key)
    return driver.decrypt({ ...request, key })
  }

  async mac(request: Card.MacRequest<CardKey>): Promise<Uint8Array<ArrayBuffer>> {
    const driver = this.#allow('mac', request)
    check.checkMacRequest(request)
    const key = this.#handleOf(request.key, MAC_KEYS[request.algorithm])
    return driver.mac({ ...request, key })
  }

  async createHash(algorithm: CardHashName, signal?: AbortSignal): Promise<Card.CardHash> {
    const driver = this.#allow('hash', { algorithm, signal })
    return new OrderedHash(await driver.createHash(algorithm, signal))
  }

  async sign(request: Card.SignRequest<CardKey>): Promise<Uint8Array<ArrayBuffer>> {
    const driver = this.#allow('signature', request)
    check.checkData(request.message)
    check.checkSignerId(request.signerId)
    const key = this.#handleOf(request.key, SIGNATURE_PAIRS[request.algorithm])
    return driver.sign({ ...request, key })
  }

  async verify(request: Card.VerifyRequest): Promise<boolean> {
    const driver = this.#allow('signature', request)
    check.checkVerifyRequest(request)
    check.checkPublicKey(SIGNATURE_PAIRS[request.algorithm], request.publicKey)
    return driver.verify(request)
  }

  async encryptTo(request: Card.EncryptToRequest): Promise<Uint8Array<ArrayBuffer>> {
    const driver = this.#allow('envelope', request)
    check.checkEncryptToRequest(request)
    return driver.encryptTo(request)
  }

  async decryptWith(request: Card.DecryptWithRequest<CardKey>): Promise<Uint8Array<ArrayBuffer>> {
    const driver = this.#allow('envelope', request)
    check.checkEnvelope(request.data)
    return driver.decryptWith({ ...request, key: this.#handleOf(request.key, 'sm2') })
  }

  async generateWrappedKey(
    request: Card.GenerateWrappedKeyRequest<CardKey>,
  ): Promise<{ readonly key: CardKey; readonly wrapped: Uint8Array<ArrayBuffer> }> {
    const driver = this.#allow('wrap', request)
    const under = this.#wrapTarget(request)
    const { key, wrapped } = await driver.generateWrappedKey({ ...request, under })
    return { key: this.#keep(request.type, key), wrapped }
  }

  async wrapKey(request: Card.WrapKeyRequest<CardKey>): Promise<Uint8Array<ArrayBuffer>> {
    const driver = this.#allow('wrap', request)
    check.checkSecretType(request.key.type)
    const under = this.#wrapTarget(request)
    return driver.wrapKey({ ...request, under, key: this.#handleOf(request.key) })
  }

  async unwrapKey(request: Card.UnwrapKeyRequest<CardKey>): Promise<CardKey> {
    const driver = this.#allow('wrap', request)
    assertBytes('wrapped', request.wrapped)
    const under = this.#handleOf(request.under, WRAPPING_KEYS[request.algorithm])
    return this.#keep(request.type, await driver.unwrapKey({ ...request, under }))
  }

  async close(): Promise<void> {
    this.#isClosed = true
    await this.#driver.close()
  }

  #ready(signal?: AbortSignal): CardOperations<Handle> {
    signal?.throwIfAborted()
    if (this.#isClosed) throw new CardClosedError(this.#info.name, 'it was closed; open it again')
    return this.#driver
  }

  /** The driver, when the algorithm has passed its known-answer tests. */
  #allow(
    kind: CardAlgorithmKind,
    { algorithm, signal }: { algorithm: CardAlgorithm; signal?: AbortSignal | undefined },
  ): CardOperations<Handle> {
    const driver = this.#ready(signal)
    const { name, algorithms, refused } = this.#info
    if (algorithms.includes(algorithm)) return driver
    const failed = refused.find((one) => one.algorithm === algorithm)
    if (failed !== undefined) throw wrongAnswer(name, algorithm, failed.vector, failed.cause)
    throw new CardUnsupportedError(
      name,
      `it does not have ${algorithm} (${kind}); it has ${algorithms.join(', ')}`,
    )
  }

  #wrapTarget({
    algorithm,
    under,
  }: Pick<Card.WrapKeyRequest<CardKey>, 'algorithm' | 'under'>): Card.WrapTarget<Handle> {
    if (algorithm !== 'sm2-envelope') {
      if ('key' in under) return { key: this.#handleOf(under.key, WRAPPING_KEYS[algorithm]) }
      throw new RangeError(`under: ${algorithm} wraps under a secret key, not a public one`)
    }
    if ('key' in under) throw new RangeError('under: sm2-envelope wraps under a public key')
    check.checkPublicKey('sm2', under.publicKey)
    return under
  }

  #keep(type: KeyType, handle: Handle): CardKey {
    const key = Object.freeze({ card: this.#info.name, type })
    this.#handles.set(key, handle)
    return key
  }

  /** @throws CardKeyError when it is not a living key of this card; RangeError when of another type */
  #handleOf(key: CardKey, type: KeyType = key.type): Handle {
    const handle = this.#handles.get(key)
    if (handle === undefined) {
      const whose = key.card === this.#info.name ? 'was destroyed' : `belongs to card ${key.card}`
      throw new CardKeyError(this.#info.name, `the key ${whose}; use one that this card holds`)
    }
    if (key.type === type) return handle
    throw new RangeError(`key: expected one of type ${type}, got ${key.type}`)
  }
}

function wrongAnswer(
  card: string,
  algorithm: CardAlgorithm,
  vector: string,
  cause?: Error,
): CardSelfTestError {
  return new CardSelfTestError(
    card,
    vector,
    `${algorithm} gives a wrong answer to the known question ${vector}, so it is not used; ` +
      'check the algorithm numbers in its configuration, or have the card examined',
    { cause },
  )
}
