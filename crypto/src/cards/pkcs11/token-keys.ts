import { SECRET_BYTES, type SecretType } from '../algorithms.ts'
import type * as Card from '../card.ts'
import { CardKeyError, CardLostError, CardUnsupportedError } from '../card-errors.ts'
import { CKA, CKM } from './constants.ts'
import type { CkAttribute, CkHandle, CkMechanism, Cryptoki } from './cryptoki.ts'
import { asBuffer, type Mechanisms } from './mechanisms.ts'
import { OwnerSession } from './owner-session.ts'
import { explainFailure, returnCodeOf } from './return-codes.ts'
import { findStoredKey, readAttribute } from './stored-keys.ts'
import {
  pairTemplates,
  PUBLIC_ATTRIBUTES,
  readPublicKey,
  secretTemplate,
  type TokenKey,
} from './token-key.ts'

const HMAC_KEY_BYTES = 32
/** RFC 3394 adds one block of 8 bytes. */
const KEY_WRAP_OVERHEAD_BYTES = 8

/** The keys of a card: those it makes belong to the session of its owner, and go with it. */
export class TokenKeys {
  readonly #card: string
  readonly #cryptoki: Cryptoki
  readonly #mechanisms: Mechanisms
  readonly #owner: OwnerSession

  constructor(parts: {
    readonly card: string
    readonly cryptoki: Cryptoki
    readonly ownerSession: CkHandle
    readonly mechanisms: Mechanisms
  }) {
    this.#card = parts.card
    this.#cryptoki = parts.cryptoki
    this.#mechanisms = parts.mechanisms
    this.#owner = new OwnerSession(this.#card, this.#cryptoki, parts.ownerSession)
  }

  async generateKey({ type }: Card.GenerateKeyRequest): Promise<TokenKey> {
    const mechanism = this.#mechanisms.keyGeneration(type)
    if (mechanism === null) throw this.#noKeysOf(type)
    const template = [
      ...this.#secretTemplate(type),
      { type: CKA.VALUE_LEN, value: type === 'hmac' ? HMAC_KEY_BYTES : SECRET_BYTES[type].max },
    ]
    const object = await this.#owner.run('C_GenerateKey', (session) =>
      this.#cryptoki.C_GenerateKey(session, { mechanism }, template),
    )
    return { type, object, isStored: false }
  }

  async importKey({ type, bytes }: Card.ImportKeyRequest): Promise<TokenKey> {
    const value = Buffer.from(bytes)
    try {
      const template = [...this.#secretTemplate(type), { type: CKA.VALUE, value }]
      const object = await this.#owner.run('C_CreateObject', (session) =>
        this.#cryptoki.C_CreateObject(session, template),
      )
      return { type, object, isStored: false }
    } finally {
      value.fill(0)
    }
  }

  async generateKeyPair({
    type,
  }: Card.GenerateKeyPairRequest): Promise<Card.CardKeyPair<TokenKey>> {
    if (type === 'sm2') throw this.#noKeysOf(type)
    const mechanism = type === 'p256' ? CKM.EC_KEY_PAIR_GEN : CKM.RSA_PKCS_KEY_PAIR_GEN
    return this.#owner.run('C_GenerateKeyPair', async (session) => {
      const pair = await this.#cryptoki.C_GenerateKeyPairAsync(
        session,
        { mechanism },
        ...pairTemplates(type),
      )
      const place = { card: this.#card, cryptoki: this.#cryptoki, session }
      const publicKey = readPublicKey(
        type,
        PUBLIC_ATTRIBUTES[type].map((attribute) => readAttribute(place, pair.publicKey, attribute)),
      )
      this.#cryptoki.C_DestroyObject(session, pair.publicKey)
      if (publicKey === null) throw this.#noKeysOf(type)
      return { privateKey: { type, object: pair.privateKey, isStored: false }, publicKey }
    })
  }

  storedKey(selector: Card.StoredKeySelector): Promise<Card.StoredKey<TokenKey> | null> {
    return this.#owner.run('C_FindObjects', (session) =>
      findStoredKey({ card: this.#card, cryptoki: this.#cryptoki, session }, selector),
    )
  }

  async destroyKey({ object, isStored }: TokenKey): Promise<void> {
    if (isStored) return
    await this.#owner.run('C_DestroyObject', (session) => {
      this.#cryptoki.C_DestroyObject(session, object)
    })
  }

  async generateWrappedKey(
    request: Card.GenerateWrappedKeyRequest<TokenKey>,
  ): Promise<{ readonly key: TokenKey; readonly wrapped: Uint8Array<ArrayBuffer> }> {
    const key = await this.generateKey(request)
    try {
      return { key, wrapped: await this.wrapKey({ ...request, key }) }
    } catch (error) {
      await this.destroyKey(key)
      throw error
    }
  }

  async wrapKey(request: Card.WrapKeyRequest<TokenKey>): Promise<Uint8Array<ArrayBuffer>> {
    const { algorithm, key, under } = request
    if ('publicKey' in under) throw noSm2Encryption(this.#card)
    const mechanism = { mechanism: this.#mechanisms.numberOf(algorithm) }
    const into = Buffer.alloc(SECRET_BYTES.hmac.max + KEY_WRAP_OVERHEAD_BYTES)
    return this.#owner.run('C_WrapKey', (session) =>
      Uint8Array.from(
        this.#cryptoki.C_WrapKey(session, mechanism, under.key.object, key.object, into),
      ),
    )
  }

  async unwrapKey(request: Card.UnwrapKeyRequest<TokenKey>): Promise<TokenKey> {
    const { algorithm, type, under, wrapped } = request
    const mechanism = { mechanism: this.#mechanisms.numberOf(algorithm) }
    const { min, max } = SECRET_BYTES[type]
    // RFC 3394 authenticates the length too, so that a key of another length is found out here or by the token.
    const keyBytes = wrapped.length - KEY_WRAP_OVERHEAD_BYTES
    if (keyBytes < min || keyBytes > max) throw badWrapping(this.#card, type)
    const template = this.#secretTemplate(type)
    const object = await this.#owner.run('C_UnwrapKey', (session) =>
      this.#unwrap(session, mechanism, { under, wrapped, template, type }),
    )
    return { type, object, isStored: false }
  }

  /** Ends after the calls under way; keys that were made are destroyed. */
  close(): Promise<void> {
    return this.#owner.close()
  }

  #unwrap(
    session: CkHandle,
    mechanism: CkMechanism,
    request: {
      readonly under: TokenKey
      readonly wrapped: Uint8Array
      readonly template: CkAttribute[]
      readonly type: SecretType
    },
  ): CkHandle {
    const { under, wrapped, template, type } = request
    try {
      return this.#cryptoki.C_UnwrapKey(
        session,
        mechanism,
        under.object,
        asBuffer(wrapped),
        template,
      )
    } catch (error) {
      const failure = explainFailure(this.#card, 'C_UnwrapKey', error)
      if (failure instanceof CardLostError || returnCodeOf(error) === null) throw failure
      throw badWrapping(this.#card, type, failure)
    }
  }

  #secretTemplate(type: SecretType): CkAttribute[] {
    const keyType = this.#mechanisms.keyType(type)
    if (keyType === null) throw this.#noKeysOf(type)
    return secretTemplate(type, keyType)
  }

  #noKeysOf(type: string): CardUnsupportedError {
    return new CardUnsupportedError(
      this.#card,
      `it has no keys of type ${type}; for sm4, configure the vendor's numbers`,
    )
  }
}

/** What a token answers to SM2 encryption, which the standard does not have. */
export function noSm2Encryption(card: string): CardUnsupportedError {
  return new CardUnsupportedError(
    card,
    'PKCS #11 has no SM2 encryption; use a card of GM/T 0018 for it',
  )
}

function badWrapping(card: string, type: SecretType, cause?: unknown): CardKeyError {
  return new CardKeyError(
    card,
    `the wrapped key of type ${type} is damaged, or wrapped under another key; ` +
      'restore it from where it was kept, or name the right wrapping key',
    { cause },
  )
}
