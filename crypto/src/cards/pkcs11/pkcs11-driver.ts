import { createHash } from 'node:crypto'

import { AuthenticationError } from '../../errors.ts'
import {
  type CardAlgorithm,
  type CardHashName,
  CIPHER_BLOCK_BYTES,
  CIPHERS,
  GCM_TAG_BYTES,
} from '../algorithms.ts'
import type * as Card from '../card.ts'
import type { CardDriver } from '../card-driver.ts'
import { holdMemory } from '../hold-memory.ts'
import { SessionPool } from '../session-pool.ts'
import type { CkHandle, CkMechanism, Cryptoki } from './cryptoki.ts'
import type { Pkcs11Library } from './library.ts'
import { asBuffer, type Mechanisms } from './mechanisms.ts'
import { CKR, explainFailure, returnCodeOf } from './return-codes.ts'
import { attempt, closeSession, openSession, type Token } from './token.ts'
import { TokenHash } from './token-hash.ts'
import { publicTemplate, type TokenKey } from './token-key.ts'
import { noSm2Encryption, TokenKeys } from './token-keys.ts'

const MAC_BYTES = { 'sm4-cbc-mac': CIPHER_BLOCK_BYTES, 'hmac-sm3': 32, 'hmac-sha256': 32 } as const
/** Longest signature: RSA of 4096 bits. */
const MAX_SIGNATURE_BYTES = 512

const NOT_AUTHENTIC: ReadonlySet<number | null> = new Set([
  CKR.ENCRYPTED_DATA_INVALID,
  CKR.ENCRYPTED_DATA_LEN_RANGE,
  CKR.AEAD_DECRYPT_FAILED,
  // What SoftHSM 2.6 returns for a wrong tag.
  CKR.GENERAL_ERROR,
])
export interface DriverParts {
  readonly library: Pkcs11Library
  readonly token: Token
  /** Owns the login and the keys; used for nothing that takes long. */
  readonly ownerSession: CkHandle
  readonly mechanisms: Mechanisms
  readonly maxSessions: number
  readonly maxQueue: number
}

/** A token's operations through a PKCS #11 library. */
export class Pkcs11Driver implements CardDriver<TokenKey> {
  readonly identity: Card.CardIdentity
  readonly candidates: readonly CardAlgorithm[]
  readonly composed: readonly CardAlgorithm[] = ['ecdsa-p256-sha256']
  readonly #cryptoki: Cryptoki
  readonly #parts: DriverParts
  readonly #pool: SessionPool<CkHandle>
  readonly #keys: TokenKeys
  #closing: Promise<void> | null = null

  constructor(parts: DriverParts) {
    const { library, token, mechanisms, maxSessions, maxQueue } = parts
    const { cryptoki } = library
    this.identity = token.identity
    this.#cryptoki = cryptoki
    this.#parts = parts
    const { name: card } = token.identity
    this.#keys = new TokenKeys({ ...parts, card, cryptoki })
    this.candidates = mechanisms.candidates(
      attempt(card, 'C_GetMechanismList', () => cryptoki.C_GetMechanismList(token.slot)),
    )
    this.#pool = new SessionPool({
      card,
      maxSessions,
      maxQueue,
      open: () => openSession(cryptoki, token),
      close: (session) => closeSession(cryptoki, session),
    })
  }

  random(lengthBytes: number, signal?: AbortSignal): Promise<Uint8Array<ArrayBuffer>> {
    return this.#pool.use((session) => {
      const bytes = Buffer.alloc(lengthBytes)
      this.#attempt('C_GenerateRandom', () => this.#cryptoki.C_GenerateRandom(session, bytes))
      return Promise.resolve(Uint8Array.from(bytes))
    }, signal)
  }

  generateKey(request: Card.GenerateKeyRequest): Promise<TokenKey> {
    return this.#keys.generateKey(request)
  }

  importKey(request: Card.ImportKeyRequest): Promise<TokenKey> {
    return this.#keys.importKey(request)
  }

  generateKeyPair(request: Card.GenerateKeyPairRequest): Promise<Card.CardKeyPair<TokenKey>> {
    return this.#keys.generateKeyPair(request)
  }

  storedKey(selector: Card.StoredKeySelector): Promise<Card.StoredKey<TokenKey> | null> {
    return this.#keys.storedKey(selector)
  }

  destroyKey(key: TokenKey): Promise<void> {
    return this.#keys.destroyKey(key)
  }

  encrypt(request: Card.CipherRequest<TokenKey>): Promise<Uint8Array<ArrayBuffer>> {
    const { algorithm, data, key } = request
    const isGcm = isAuthenticated(algorithm)
    if (data.length === 0 && !isGcm) return Promise.resolve(new Uint8Array(0))
    const into = Buffer.alloc(data.length + (isGcm ? GCM_TAG_BYTES : 0))
    return this.#use('C_Encrypt', [data, into], request.signal, async (session) => {
      this.#cryptoki.C_EncryptInit(session, this.#cipher(request, session), key.object)
      return data.length === 0
        ? this.#cryptoki.C_EncryptFinalAsync(session, into)
        : this.#cryptoki.C_EncryptAsync(session, asBuffer(data), into)
    })
  }

  async decrypt(request: Card.CipherRequest<TokenKey>): Promise<Uint8Array<ArrayBuffer>> {
    const { algorithm, data, key } = request
    const isGcm = isAuthenticated(algorithm)
    if (data.length === 0 && !isGcm) return new Uint8Array(0)
    if (isGcm && data.length < GCM_TAG_BYTES) throw notAuthentic()
    // Room for the tag too: some libraries want as much as comes in.
    const into = Buffer.alloc(data.length)
    try {
      return await this.#use('C_Decrypt', [data, into], request.signal, async (session) => {
        this.#cryptoki.C_DecryptInit(session, this.#cipher(request, session), key.object)
        return this.#cryptoki.C_DecryptAsync(session, asBuffer(data), into)
      })
    } catch (error) {
      const { cause } = error as Error
      if (isGcm && NOT_AUTHENTIC.has(returnCodeOf(cause))) throw notAuthentic(error)
      throw error
    }
  }

  mac(request: Card.MacRequest<TokenKey>): Promise<Uint8Array<ArrayBuffer>> {
    const { algorithm, data, key } = request
    const mechanism = { mechanism: this.#parts.mechanisms.numberOf(algorithm) }
    const into = Buffer.alloc(MAC_BYTES[algorithm])
    return this.#use('C_Sign', [data, into], request.signal, async (session) => {
      this.#cryptoki.C_SignInit(session, mechanism, key.object)
      return data.length === 0
        ? this.#cryptoki.C_SignFinalAsync(session, into)
        : this.#cryptoki.C_SignAsync(session, asBuffer(data), into)
    })
  }

  async createHash(algorithm: CardHashName, signal?: AbortSignal): Promise<Card.CardHash> {
    const lease = await this.#pool.lease(signal)
    const mechanism = { mechanism: this.#parts.mechanisms.numberOf(algorithm) }
    try {
      this.#attempt('C_DigestInit', () => this.#cryptoki.C_DigestInit(lease.session, mechanism))
    } catch (error) {
      lease.release(false)
      throw error
    }
    return new TokenHash({ card: this.identity.name, cryptoki: this.#cryptoki, lease, algorithm })
  }

  sign(request: Card.SignRequest<TokenKey>): Promise<Uint8Array<ArrayBuffer>> {
    const { algorithm, key, message } = request
    const mechanism = { mechanism: this.#parts.mechanisms.numberOf(algorithm) }
    const data = toSign(algorithm, message)
    const into = Buffer.alloc(MAX_SIGNATURE_BYTES)
    return this.#use('C_Sign', [data, into], request.signal, async (session) => {
      this.#cryptoki.C_SignInit(session, mechanism, key.object)
      return this.#cryptoki.C_SignAsync(session, data, into)
    })
  }

  async verify(request: Card.VerifyRequest): Promise<boolean> {
    const { algorithm, publicKey, message } = request
    const mechanism = { mechanism: this.#parts.mechanisms.numberOf(algorithm) }
    const data = toSign(algorithm, message)
    // An empty one has no memory that could be pointed at; the others' lengths are the token's to judge.
    if (request.signature.length === 0) return false
    const signature = asBuffer(request.signature)
    return this.#pool.use(async (session) => {
      const object = this.#attempt('C_CreateObject', () =>
        this.#cryptoki.C_CreateObject(session, publicTemplate(publicKey)),
      )
      try {
        this.#cryptoki.C_VerifyInit(session, mechanism, object)
        return await holdMemory([data, signature], () =>
          this.#cryptoki.C_VerifyAsync(session, data, signature),
        )
      } catch (error) {
        const code = returnCodeOf(error)
        if (code === CKR.SIGNATURE_INVALID || code === CKR.SIGNATURE_LEN_RANGE) return false
        throw explainFailure(this.identity.name, 'C_Verify', error)
      } finally {
        this.#attempt('C_DestroyObject', () => this.#cryptoki.C_DestroyObject(session, object))
      }
    }, request.signal)
  }

  encryptTo(): Promise<never> {
    return Promise.reject(noSm2Encryption(this.identity.name))
  }

  decryptWith(): Promise<never> {
    return Promise.reject(noSm2Encryption(this.identity.name))
  }

  generateWrappedKey(
    request: Card.GenerateWrappedKeyRequest<TokenKey>,
  ): Promise<{ readonly key: TokenKey; readonly wrapped: Uint8Array<ArrayBuffer> }> {
    return this.#keys.generateWrappedKey(request)
  }

  wrapKey(request: Card.WrapKeyRequest<TokenKey>): Promise<Uint8Array<ArrayBuffer>> {
    return this.#keys.wrapKey(request)
  }

  unwrapKey(request: Card.UnwrapKeyRequest<TokenKey>): Promise<TokenKey> {
    return this.#keys.unwrapKey(request)
  }

  close(): Promise<void> {
    this.#closing ??= this.#closeOnce()
    return this.#closing
  }

  async #closeOnce(): Promise<void> {
    await this.#pool.close()
    await this.#keys.close()
    this.#parts.library.release()
  }

  /** Runs a call in a session of its own, its memory held, its failures explained. */
  #use(
    operation: string,
    memory: readonly Uint8Array[],
    signal: AbortSignal | undefined,
    call: (session: CkHandle) => Promise<Buffer>,
  ): Promise<Uint8Array<ArrayBuffer>> {
    return this.#pool.use(async (session) => {
      try {
        const result = await holdMemory(memory, () => call(session))
        return new Uint8Array(result.buffer as ArrayBuffer, result.byteOffset, result.length)
      } catch (error) {
        throw explainFailure(this.identity.name, operation, error)
      }
    }, signal)
  }

  #attempt<Result>(operation: string, call: () => Result): Result {
    return attempt(this.identity.name, operation, call)
  }

  #cipher(request: Card.CipherRequest<TokenKey>, session: CkHandle): CkMechanism {
    const { algorithm, iv, additionalData = new Uint8Array(0) } = request
    return this.#parts.mechanisms.cipher(algorithm, session.length, { iv, additionalData })
  }
}

function isAuthenticated(algorithm: CardAlgorithm<'cipher'>): boolean {
  return CIPHERS[algorithm].tagBytes > 0
}

/** CKM_ECDSA signs a digest that is made here; the RSA mechanism hashes by itself. */
function toSign(algorithm: CardAlgorithm<'signature'>, message: Uint8Array): Buffer {
  return algorithm === 'ecdsa-p256-sha256'
    ? createHash('sha256').update(message).digest()
    : asBuffer(message)
}

function notAuthentic(cause?: unknown): AuthenticationError {
  return new AuthenticationError('sealed bytes are not authentic: changed, or under another key', {
    cause,
  })
}
