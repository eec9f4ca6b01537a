/** Every algorithm that a card may have, by what it does. */
export const CARD_ALGORITHMS = {
  cipher: [
    'sm4-ecb',
    'sm4-cbc',
    'sm4-ctr',
    'sm4-gcm',
    'aes-256-ecb',
    'aes-256-cbc',
    'aes-256-ctr',
    'aes-256-gcm',
  ],
  mac: ['sm4-cbc-mac', 'hmac-sm3', 'hmac-sha256'],
  hash: ['sm3', 'sha256', 'sha384', 'sha512'],
  /**
   * - `sm2-sm3`: GB/T 32918.2, over SM3(Z ‖ message).
   * - `ecdsa-p256-sha256`: FIPS 186-5.
   * - `rsa-pkcs1-sha256`: RFC 8017 section 8.2.
   */
  signature: ['sm2-sm3', 'ecdsa-p256-sha256', 'rsa-pkcs1-sha256'],
  /** GB/T 32918.4. */
  envelope: ['sm2-encrypt'],
  /**
   * - `aes-256-kw`: RFC 3394, under an `aes-256` key.
   * - `sdf-kek`: under a key-encryption key of a GM/T 0018 card, in that device's own format.
   * - `sm2-envelope`: the key's bytes as `sm2-encrypt` to a public key.
   */
  wrap: ['aes-256-kw', 'sdf-kek', 'sm2-envelope'],
} as const

export type CardAlgorithmKind = keyof typeof CARD_ALGORITHMS

/** The name of an algorithm, of all kinds or of one. */
export type CardAlgorithm<Kind extends CardAlgorithmKind = CardAlgorithmKind> =
  (typeof CARD_ALGORITHMS)[Kind][number]

export type CardHashName = CardAlgorithm<'hash'>

/** Bytes of each type of secret key: a number, or inclusive bounds. */
export const SECRET_BYTES = {
  sm4: { min: 16, max: 16 },
  'aes-256': { min: 32, max: 32 },
  /** For the HMACs: from the length of their digests, below which tokens take none. Cards make 32 bytes. */
  hmac: { min: 32, max: 64 },
} as const

/** The type of a secret key. */
export type SecretType = keyof typeof SECRET_BYTES

/** The type of a key pair. `rsa` is of 3072 bits when a card makes one. */
export type PairType = 'sm2' | 'p256' | 'rsa'

/** The type of a key: that of the pair for a private key. `kek` wraps and does nothing else. */
export type KeyType = SecretType | PairType | 'kek'

/** Most bytes of one call of `random`. */
export const MAX_RANDOM_BYTES = 65_536
/** Most bytes that are encrypted to a public key in one piece. */
export const MAX_ENVELOPE_BYTES = 136
/** Most bytes of one call of encrypt, decrypt or mac. */
export const MAX_CALL_BYTES = 64 * 1024 * 1024
/** Block length of SM4 and AES. */
export const CIPHER_BLOCK_BYTES = 16
/** Length of the tag that GCM appends. */
export const GCM_TAG_BYTES = 16

/** The signer's id where no other is agreed on: GM/T 0009-2012 section 10, as ASCII. */
export const DEFAULT_SM2_ID: Uint8Array = new TextEncoder().encode('1234567812345678')

interface CipherShape {
  readonly key: SecretType
  readonly ivBytes: number
  /** Whether the data must be whole blocks. */
  readonly wholeBlocks: boolean
  readonly tagBytes: number
}

/** What each cipher takes. */
export const CIPHERS: Readonly<Record<CardAlgorithm<'cipher'>, CipherShape>> = {
  'sm4-ecb': { key: 'sm4', ivBytes: 0, wholeBlocks: true, tagBytes: 0 },
  'sm4-cbc': { key: 'sm4', ivBytes: 16, wholeBlocks: true, tagBytes: 0 },
  'sm4-ctr': { key: 'sm4', ivBytes: 16, wholeBlocks: false, tagBytes: 0 },
  'sm4-gcm': { key: 'sm4', ivBytes: 12, wholeBlocks: false, tagBytes: GCM_TAG_BYTES },
  'aes-256-ecb': { key: 'aes-256', ivBytes: 0, wholeBlocks: true, tagBytes: 0 },
  'aes-256-cbc': { key: 'aes-256', ivBytes: 16, wholeBlocks: true, tagBytes: 0 },
  'aes-256-ctr': { key: 'aes-256', ivBytes: 16, wholeBlocks: false, tagBytes: 0 },
  'aes-256-gcm': { key: 'aes-256', ivBytes: 12, wholeBlocks: false, tagBytes: GCM_TAG_BYTES },
}

/** The key that each MAC takes. */
export const MAC_KEYS: Readonly<Record<CardAlgorithm<'mac'>, SecretType>> = {
  'sm4-cbc-mac': 'sm4',
  'hmac-sm3': 'hmac',
  'hmac-sha256': 'hmac',
}

/** The key pair that each signature algorithm takes. */
export const SIGNATURE_PAIRS: Readonly<Record<CardAlgorithm<'signature'>, PairType>> = {
  'sm2-sm3': 'sm2',
  'ecdsa-p256-sha256': 'p256',
  'rsa-pkcs1-sha256': 'rsa',
}
