import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createSign,
  createVerify,
  type KeyObject,
  randomBytes,
} from 'node:crypto'
import { promisify } from 'node:util'

import { concat, wipe } from '../../bytes.ts'
import {
  CARD_ALGORITHMS,
  type CardAlgorithm,
  type CardHashName,
  SECRET_BYTES,
  type SecretType,
} from '../algorithms.ts'
import type * as Card from '../card.ts'
import type { CardDriver } from '../card-driver.ts'
import { CardKeyError, CardUnsupportedError } from '../card-errors.ts'
import { sm2SignerDigest } from '../sm2/curve.ts'
import { openSm2, sealSm2 } from '../sm2/encryption.ts'
import { decodeSignatureDer, encodeSignatureDer } from '../sm2/signature-der.ts'
import { decryptBySoftware, encryptBySoftware, inSlices, macBySoftware } from './ciphers.ts'
import {
  forgetKey,
  makePrivateKey,
  publicKeyObject,
  secretKey,
  type SoftwareKey,
  type SoftwarePrivateKey,
} from './software-key.ts'

const HMAC_KEY_BYTES = 32
/** RFC 3394 works on halves of blocks. */
const KEY_WRAP_UNIT_BYTES = 8
/** Its initial value, section 2.2.3.1. */
const KEY_WRAP_IV = Buffer.alloc(8, 0xa6)
const SIGNATURE_HASHES: Readonly<Record<CardAlgorithm<'signature'>, 'sm3' | 'sha256'>> = {
  'sm2-sm3': 'sm3',
  'ecdsa-p256-sha256': 'sha256',
  'rsa-pkcs1-sha256': 'sha256',
}

/** A key that the program gives a software card under a name, as hardware would keep it. */
export interface NamedKey {
  readonly use: Card.StoredKeySelector['use']
  readonly name: string
  readonly key: SoftwareKey
}

/** A card's operations on OpenSSL, with the curve of SM2 encryption in JavaScript. */
export class SoftwareDriver implements CardDriver<SoftwareKey> {
  readonly identity: Card.CardIdentity
  readonly candidates: readonly CardAlgorithm[]
  readonly composed: readonly CardAlgorithm[] = ['sm4-gcm']
  readonly #named: readonly NamedKey[]

  constructor(identity: Card.CardIdentity, named: readonly NamedKey[]) {
    this.identity = identity
    this.#named = named
    this.candidates = Object.values(CARD_ALGORITHMS)
      .flat()
      .filter((algorithm) => algorithm !== 'sdf-kek')
  }

  async random(lengthBytes: number): Promise<Uint8Array<ArrayBuffer>> {
    return Uint8Array.from(await promisify(randomBytes)(lengthBytes))
  }

  async generateKey({ type }: Card.GenerateKeyRequest): Promise<SoftwareKey> {
    const bytes = await this.random(type === 'hmac' ? HMAC_KEY_BYTES : SECRET_BYTES[type].max)
    const key = secretKey(type, bytes)
    wipe(bytes)
    return key
  }

  importKey({ type, bytes }: Card.ImportKeyRequest): Promise<SoftwareKey> {
    return Promise.resolve(secretKey(type, bytes))
  }

  async generateKeyPair({
    type,
  }: Card.GenerateKeyPairRequest): Promise<Card.CardKeyPair<SoftwareKey>> {
    const privateKey = await makePrivateKey(type)
    return { privateKey, publicKey: privateKey.publicKey }
  }

  storedKey({ use, name }: Card.StoredKeySelector): Promise<Card.StoredKey<SoftwareKey> | null> {
    const named = this.#named.find((one) => one.use === use && one.name === name)
    if (named === undefined) return Promise.resolve(null)
    const { key } = named
    const publicKey = 'secret' in key ? null : key.publicKey
    return Promise.resolve({ key, type: key.type, publicKey })
  }

  destroyKey(key: SoftwareKey): Promise<void> {
    if (!this.#named.some((named) => named.key === key)) forgetKey(key)
    return Promise.resolve()
  }

  async encrypt(request: Card.CipherRequest<SoftwareKey>): Promise<Uint8Array<ArrayBuffer>> {
    return encryptBySoftware(this.#cipherRequest(request))
  }

  async decrypt(request: Card.CipherRequest<SoftwareKey>): Promise<Uint8Array<ArrayBuffer>> {
    return decryptBySoftware(this.#cipherRequest(request))
  }

  async mac(request: Card.MacRequest<SoftwareKey>): Promise<Uint8Array<ArrayBuffer>> {
    return macBySoftware(request.algorithm, this.#secretOf(request.key), request.data)
  }

  createHash(algorithm: CardHashName): Promise<Card.CardHash> {
    const hash = createHash(algorithm)
    return Promise.resolve({
      update: (data) => inSlices(data, (slice) => hash.update(slice)),
      digest: () => Promise.resolve(Uint8Array.from(hash.digest())),
      dispose: () => Promise.resolve(),
    })
  }

  async sign(request: Card.SignRequest<SoftwareKey>): Promise<Uint8Array<ArrayBuffer>> {
    const { privateKey: key, publicKey } = this.#privateOf(request.key)
    const signer = createSign(SIGNATURE_HASHES[request.algorithm])
    if (publicKey.type === 'sm2') {
      signer.update(sm2SignerDigest(publicKey.point, request.signerId))
    }
    await inSlices(request.message, (slice) => signer.update(slice))
    const signature = signer.sign(key)
    return publicKey.type === 'rsa' ? Uint8Array.from(signature) : decodeSignatureDer(signature)
  }

  async verify(request: Card.VerifyRequest): Promise<boolean> {
    const { algorithm, publicKey, signature } = request
    const verifier = createVerify(SIGNATURE_HASHES[algorithm])
    if (publicKey.type === 'sm2') {
      verifier.update(sm2SignerDigest(publicKey.point, request.signerId))
    }
    await inSlices(request.message, (slice) => verifier.update(slice))
    const key = publicKeyObject(publicKey)
    if (publicKey.type === 'rsa') return verifier.verify(key, signature)
    return signature.length === 64 && verifier.verify(key, encodeSignatureDer(signature))
  }

  encryptTo(request: Card.EncryptToRequest): Promise<Uint8Array<ArrayBuffer>> {
    return Promise.resolve(sealTo(request.publicKey, request.data))
  }

  decryptWith({
    key,
    data,
  }: Card.DecryptWithRequest<SoftwareKey>): Promise<Uint8Array<ArrayBuffer>> {
    return Promise.resolve(openSm2(this.#scalarOf(key), data))
  }

  async generateWrappedKey(
    request: Card.GenerateWrappedKeyRequest<SoftwareKey>,
  ): Promise<{ readonly key: SoftwareKey; readonly wrapped: Uint8Array<ArrayBuffer> }> {
    const key = await this.generateKey(request)
    return { key, wrapped: await this.wrapKey({ ...request, key }) }
  }

  wrapKey(request: Card.WrapKeyRequest<SoftwareKey>): Promise<Uint8Array<ArrayBuffer>> {
    return Promise.resolve(this.#wrap(request))
  }
  unwrapKey(request: Card.UnwrapKeyRequest<SoftwareKey>): Promise<SoftwareKey> {
    const bytes = this.#unwrap(request)
    try {
      const { min, max } = SECRET_BYTES[request.type]
      if (bytes.length >= min && bytes.length <= max) {
        return Promise.resolve(secretKey(request.type, bytes))
      }
      throw this.#badWrapping(request.type)
    } finally {
      wipe(bytes)
    }
  }

  close(): Promise<void> {
    for (const { key } of this.#named) forgetKey(key)
    return Promise.resolve()
  }

  #wrap(request: Card.WrapKeyRequest<SoftwareKey>): Uint8Array<ArrayBuffer> {
    const bytes = this.#secretOf(request.key).export()
    try {
      if ('publicKey' in request.under) return sealTo(request.under.publicKey, bytes)
      const secret = this.#secretOf(request.under.key)
      if (bytes.length % KEY_WRAP_UNIT_BYTES !== 0) throw this.#oddLength(bytes.length)
      const cipher = createCipheriv('id-aes256-wrap', secret, KEY_WRAP_IV)
      return concat(cipher.update(bytes), cipher.final())
    } finally {
      wipe(bytes)
    }
  }

  #unwrap({ type, under, wrapped, algorithm }: Card.UnwrapKeyRequest<SoftwareKey>): Uint8Array {
    try {
      if (algorithm === 'sm2-envelope') return openSm2(this.#scalarOf(under), wrapped)
      const decipher = createDecipheriv('id-aes256-wrap', this.#secretOf(under), KEY_WRAP_IV)
      return concat(decipher.update(wrapped), decipher.final())
    } catch (cause) {
      throw this.#badWrapping(type, cause)
    }
  }

  #cipherRequest({ key, ...request }: Card.CipherRequest<SoftwareKey>) {
    const { additionalData = new Uint8Array(0) } = request
    return { ...request, additionalData, secret: this.#secretOf(key) }
  }

  #secretOf(key: SoftwareKey): KeyObject {
    if ('secret' in key) return key.secret
    throw new TypeError(`key: expected a secret key, got one of type ${key.type}`)
  }

  #privateOf(key: SoftwareKey): SoftwarePrivateKey {
    if ('privateKey' in key) return key
    throw new TypeError(`key: expected a private key, got one of type ${key.type}`)
  }

  #scalarOf(key: SoftwareKey): Uint8Array {
    const { scalar, type } = this.#privateOf(key)
    if (scalar !== null) return scalar
    throw new CardUnsupportedError(this.identity.name, `it cannot decrypt with a key of ${type}`)
  }

  #oddLength(lengthBytes: number): CardUnsupportedError {
    return new CardUnsupportedError(
      this.identity.name,
      `aes-256-kw wraps multiples of ${String(KEY_WRAP_UNIT_BYTES)} bytes, ` +
        `and this key has ${String(lengthBytes)}`,
    )
  }

  #badWrapping(type: SecretType, cause?: unknown): CardKeyError {
    return new CardKeyError(
      this.identity.name,
      `the wrapped key of type ${type} is damaged, or wrapped under another key; ` +
        'restore it from where it was kept, or name the right wrapping key',
      { cause },
    )
  }
}

function sealTo(publicKey: Card.CardPublicKey, data: Uint8Array): Uint8Array<ArrayBuffer> {
  if (publicKey.type === 'sm2') return sealSm2(publicKey.point, data)
  throw new TypeError(`publicKey: expected one of type sm2, got ${publicKey.type}`)
}
