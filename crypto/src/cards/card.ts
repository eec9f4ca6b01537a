import type { CardAlgorithm, CardHashName, KeyType, PairType, SecretType } from './algorithms.ts'

/** A key inside a card. Its bytes cannot be asked for; it works only on the card that made it. */
export interface CardKey {
  /** The card that holds it, as {@link CardInfo.name}. */
  readonly card: string
  readonly type: KeyType
}

/** A public key as it travels. */
export type CardPublicKey =
  /** SEC 1 uncompressed point: 0x04 ‖ x ‖ y, 65 bytes. */
  | { readonly type: 'sm2' | 'p256'; readonly point: Uint8Array }
  /** Big-endian, without leading zeros. */
  | { readonly type: 'rsa'; readonly modulus: Uint8Array; readonly exponent: Uint8Array }

/** A key pair, the private key inside the card. */
export interface CardKeyPair<Key> {
  readonly privateKey: Key
  readonly publicKey: CardPublicKey
}

/** Which of the keys kept on a card is meant. */
export interface StoredKeySelector {
  /** What it is for: a card may keep keys of the same name for each use. */
  readonly use: 'sign' | 'decrypt' | 'wrap'
  /** SDF: the key's index in decimal. PKCS#11: its label. Software card: its name. */
  readonly name: string
  readonly signal?: AbortSignal
}

/** A key kept on a card. */
export interface StoredKey<Key> {
  readonly key: Key
  readonly type: KeyType
  /** Null for a secret key. */
  readonly publicKey: CardPublicKey | null
}

export interface GenerateKeyRequest {
  readonly type: SecretType
  readonly signal?: AbortSignal
}

export interface ImportKeyRequest {
  readonly type: SecretType
  /** As long as `SECRET_BYTES` says for the type; copied, the caller wipes its own. */
  readonly bytes: Uint8Array
  readonly signal?: AbortSignal
}

export interface GenerateKeyPairRequest {
  readonly type: PairType
  readonly signal?: AbortSignal
}

/**
 * What {@link CardOperations.encrypt} and {@link CardOperations.decrypt} need. No mode pads: for ECB and
 * CBC the data is a multiple of 16 bytes.
 */
export interface CipherRequest<Key> {
  readonly algorithm: CardAlgorithm<'cipher'>
  readonly key: Key
  /** 16 bytes for CBC and CTR (the first counter block), 12 for GCM, none (empty) for ECB. */
  readonly iv: Uint8Array
  /** For GCM: authenticated, not encrypted. */
  readonly additionalData?: Uint8Array
  /** Not to be changed, transferred or freed before the call has settled: the card reads this memory. */
  readonly data: Uint8Array
  readonly signal?: AbortSignal
}

export interface MacRequest<Key> {
  readonly algorithm: CardAlgorithm<'mac'>
  readonly key: Key
  /** For `sm4-cbc-mac` a multiple of 16 bytes, at least 16. As {@link CipherRequest.data} otherwise. */
  readonly data: Uint8Array
  readonly signal?: AbortSignal
}

export interface SignRequest<Key> {
  readonly algorithm: CardAlgorithm<'signature'>
  /** A private key. SM2 needs its public key too; the card knows it. */
  readonly key: Key
  /** The message itself; the card's side hashes it as the algorithm says. */
  readonly message: Uint8Array
  /** SM2: the signer's id (GB/T 32918.2 section 5.5); `DEFAULT_SM2_ID` when left out. */
  readonly signerId?: Uint8Array
  readonly signal?: AbortSignal
}

export interface VerifyRequest {
  readonly algorithm: CardAlgorithm<'signature'>
  readonly publicKey: CardPublicKey
  readonly message: Uint8Array
  /** SM2, ECDSA: r ‖ s, 64 bytes. RSA: as long as the modulus. */
  readonly signature: Uint8Array
  readonly signerId?: Uint8Array
  readonly signal?: AbortSignal
}

export interface EncryptToRequest {
  readonly algorithm: CardAlgorithm<'envelope'>
  readonly publicKey: CardPublicKey
  /** 1 to `MAX_ENVELOPE_BYTES` bytes. */
  readonly data: Uint8Array
  readonly signal?: AbortSignal
}

export interface DecryptWithRequest<Key> {
  readonly algorithm: CardAlgorithm<'envelope'>
  /** A private key. */
  readonly key: Key
  /** SM2: C1 (65 bytes) ‖ C3 (32) ‖ C2, GB/T 32918.4-2016. */
  readonly data: Uint8Array
  readonly signal?: AbortSignal
}

/** What a key is wrapped under: a secret key of the card, or for `sm2-envelope` a public key. */
export type WrapTarget<Key> = { readonly key: Key } | { readonly publicKey: CardPublicKey }

export interface GenerateWrappedKeyRequest<Key> {
  readonly type: SecretType
  readonly algorithm: CardAlgorithm<'wrap'>
  readonly under: WrapTarget<Key>
  readonly signal?: AbortSignal
}

export interface WrapKeyRequest<Key> {
  /** The secret key to wrap. */
  readonly key: Key
  readonly algorithm: CardAlgorithm<'wrap'>
  readonly under: WrapTarget<Key>
  readonly signal?: AbortSignal
}

export interface UnwrapKeyRequest<Key> {
  readonly wrapped: Uint8Array
  /** What the wrapped bytes hold. */
  readonly type: SecretType
  readonly algorithm: CardAlgorithm<'wrap'>
  /** The wrapping key; for `sm2-envelope` the private key. */
  readonly under: Key
  readonly signal?: AbortSignal
}

/** A hash of a message that arrives in pieces. It holds a session of the card until it ends. */
export interface CardHash {
  /** Adds a piece, of any length, after all earlier ones: calls need not be awaited one by one. */
  update(data: Uint8Array): Promise<void>
  /** The digest of all pieces. The hash has ended then. */
  digest(): Promise<Uint8Array<ArrayBuffer>>
  /** Ends without a digest. Does nothing after {@link digest}. */
  dispose(): Promise<void>
}

/**
 * What a card does, for keys of the form `Key`. Every call may run beside every other; each rejects with a
 * `CardError` (see card-errors.ts), with the signal's reason when its signal fires while it waits, and with
 * `TypeError` or `RangeError` for misuse.
 */
export interface CardOperations<Key> {
  /** Random bytes of the card's own source. @param lengthBytes - 1 to `MAX_RANDOM_BYTES` */
  random(lengthBytes: number, signal?: AbortSignal): Promise<Uint8Array<ArrayBuffer>>
  /** Makes a secret key inside the card. It lasts until it is destroyed or the card closed. */
  generateKey(request: GenerateKeyRequest): Promise<Key>
  /** Brings a secret key into the card. It lasts as one of {@link generateKey}. */
  importKey(request: ImportKeyRequest): Promise<Key>
  /** Makes a key pair. The private key lasts as one of {@link generateKey}. */
  generateKeyPair(request: GenerateKeyPairRequest): Promise<CardKeyPair<Key>>
  /** A key kept on the card; null when there is none of this name and use. Destroying it only lets it go. */
  storedKey(selector: StoredKeySelector): Promise<StoredKey<Key> | null>
  /** Removes the key from the card. Calls under way with it may fail. */
  destroyKey(key: Key): Promise<void>
  /** Ciphertext as long as the data; for GCM followed by the tag of 16 bytes. */
  encrypt(request: CipherRequest<Key>): Promise<Uint8Array<ArrayBuffer>>
  /** Reverses {@link encrypt}. @throws AuthenticationError for GCM when the tag does not verify */
  decrypt(request: CipherRequest<Key>): Promise<Uint8Array<ArrayBuffer>>
  /** The whole MAC: 16 bytes for `sm4-cbc-mac`, 32 for the HMACs. */
  mac(request: MacRequest<Key>): Promise<Uint8Array<ArrayBuffer>>
  /** Begins a hash. End it with `digest` or `dispose`, or its session stays taken. */
  createHash(algorithm: CardHashName, signal?: AbortSignal): Promise<CardHash>
  /** Signs. @returns as {@link VerifyRequest.signature} */
  sign(request: SignRequest<Key>): Promise<Uint8Array<ArrayBuffer>>
  /** Whether the signature is right. False also for one that is no signature at all. */
  verify(request: VerifyRequest): Promise<boolean>
  /** Encrypts to a public key. @returns as {@link DecryptWithRequest.data} */
  encryptTo(request: EncryptToRequest): Promise<Uint8Array<ArrayBuffer>>
  /** Opens what was encrypted to the key's public key. @throws AuthenticationError when it is damaged */
  decryptWith(request: DecryptWithRequest<Key>): Promise<Uint8Array<ArrayBuffer>>
  /** Makes a secret key and wraps it, in one step: a GM/T 0018 card wraps under its own keys in no other way. */
  generateWrappedKey(request: GenerateWrappedKeyRequest<Key>): Promise<{
    readonly key: Key
    readonly wrapped: Uint8Array<ArrayBuffer>
  }>
  /** Wraps a key that is inside the card already. @throws CardUnsupportedError where the device cannot */
  wrapKey(request: WrapKeyRequest<Key>): Promise<Uint8Array<ArrayBuffer>>
  /** Brings a wrapped key into the card. @throws CardKeyError when it is damaged or of another wrapping key */
  unwrapKey(request: UnwrapKeyRequest<Key>): Promise<Key>
  /** Ends calls that wait, lets those under way finish, destroys the keys it made. May be called twice. */
  close(): Promise<void>
}

/** What a card says of itself. Texts are trimmed; empty when the device gives none. */
export interface CardIdentity {
  /** Names the card in messages and configuration; unique among open cards, without secrets. */
  readonly name: string
  readonly driver: 'sdf' | 'pkcs11' | 'software'
  readonly manufacturer: string
  readonly model: string
  readonly serial: string
  readonly version: string
}

/** An algorithm whose known-answer test the card failed: the card refuses it. */
export interface RefusedAlgorithm {
  readonly algorithm: CardAlgorithm
  /** Names the vector that failed, with its source. */
  readonly vector: string
  /** What the card said instead of an answer, if it said something. */
  readonly cause?: Error
}

export interface CardInfo extends CardIdentity {
  /** What the card has, shown by known answers when it was opened. */
  readonly algorithms: readonly CardAlgorithm[]
  /** Those of `algorithms` that are put together on this side from what the device has. */
  readonly composed: readonly CardAlgorithm[]
  readonly refused: readonly RefusedAlgorithm[]
}

/** A cryptographic card: hardware behind a driver, or software that gives the same bytes. */
export interface CryptoCard extends CardOperations<CardKey> {
  info(): CardInfo
  /**
   * Runs the known-answer tests again, without changing what {@link info} says.
   *
   * @throws CardSelfTestError when an algorithm that passed at opening fails now
   */
  selfTest(signal?: AbortSignal): Promise<void>
}
