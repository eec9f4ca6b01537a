import { concat, encodeUtf8, randomBytes, wipe } from '@orlop/crypto/bytes'
import { platformBackend } from '@orlop/crypto/backends/platform-backend'
import type { CryptoCard } from '@orlop/crypto/cards/card'
import { encodeCbor } from '@orlop/crypto/format/cbor'
import { hkdfSha256 } from '@orlop/crypto/kdf'
import { SUITES } from '@orlop/crypto/suites/suites'
import { KmcError } from '../kmc-error.ts'
import { withCardKey } from './card-key.ts'
import type { KeyInUse } from './key-access.ts'

/** What keys encrypt with: the cipher suites of the object format. */
export const CIPHER_ALGORITHMS = [
  'aes-256-gcm',
  'sm4-gcm',
  'xchacha20-poly1305',
  'sm4-ctr-hmac-sm3',
] as const
export type CipherAlgorithm = (typeof CIPHER_ALGORITHMS)[number]

const FORMAT = 1
const SALT_BYTES = 16
const HEAD_BYTES = 2 + SALT_BYTES

/** Of every suite at least. */
const LEAST_TAG_BYTES = 16

/** Those that a card does, with the type of key that it takes. */
const CARD_KEYS = { 'aes-256-gcm': 'aes-256', 'sm4-gcm': 'sm4' } as const

/** A message and what is authenticated with it. */
export interface Message {
  readonly data: Uint8Array
  readonly additionalData: Uint8Array
}

/**
 * Encrypts a message: format (1) ‖ version of the key ‖ salt (16 bytes) ‖ ciphertext ‖ tag. Each message has a key of its own, by
 * HKDF-SHA-256 from the key, the salt and the key's full name, so that one key encrypts any number of messages.
 *
 * @param card - does the work where it is one for cards.
 */
export async function encryptMessage(
  card: CryptoCard,
  key: KeyInUse<CipherAlgorithm>,
  { data, additionalData }: Message,
): Promise<Uint8Array> {
  const salt = randomBytes(SALT_BYTES)
  const { algorithm, version } = key
  const messageKey = deriveMessageKey(key, salt)
  const nonce = nonceOf(algorithm)
  try {
    const sealed = isForCards(algorithm)
      ? await withCardKey({ card, type: CARD_KEYS[algorithm], bytes: messageKey }, (cardKey) =>
          card.encrypt({ algorithm, key: cardKey, iv: nonce, additionalData, data }),
        )
      : platformBackend.seal({
          ...{ suite: algorithm, key: messageKey, nonce, additionalData },
          plaintext: [data],
        })
    return concat(Uint8Array.of(FORMAT, version), salt, sealed)
  } finally {
    wipe(messageKey)
  }
}

/** The version of the key that a message was encrypted with. @throws KmcError `REQUEST_INVALID` when it is no message of this kind */
export function versionOfMessage(ciphertext: Uint8Array): number {
  const [format, version = 0] = ciphertext
  if (format === FORMAT && version > 0 && ciphertext.length >= HEAD_BYTES + LEAST_TAG_BYTES) {
    return version
  }
  throw new KmcError(
    'REQUEST_INVALID',
    'This is no ciphertext of this centre. Send what `encrypt` answered, as it was.',
  )
}

/** Reverses {@link encryptMessage}. @throws AuthenticationError when key, ciphertext or additional data is another */
export async function decryptMessage(
  card: CryptoCard,
  key: KeyInUse<CipherAlgorithm>,
  { data: ciphertext, additionalData }: Message,
): Promise<Uint8Array> {
  const { algorithm } = key
  const messageKey = deriveMessageKey(key, ciphertext.subarray(2, HEAD_BYTES))
  const sealed = ciphertext.slice(HEAD_BYTES)
  const nonce = nonceOf(algorithm)
  try {
    if (!isForCards(algorithm)) {
      return platformBackend.open({
        ...{ suite: algorithm, key: messageKey, nonce, additionalData },
        sealed,
      })
    }
    const type = CARD_KEYS[algorithm]
    return await withCardKey({ card, type, bytes: messageKey }, (cardKey) =>
      card.decrypt({ algorithm, key: cardKey, iv: nonce, additionalData, data: sealed }),
    )
  } finally {
    wipe(messageKey)
  }
}

/** Whether a card does it; the others are done by this process. */
export function isForCards(algorithm: CipherAlgorithm): algorithm is keyof typeof CARD_KEYS {
  return algorithm in CARD_KEYS
}

/** Used once with its key, so it need not differ. */
function nonceOf(algorithm: CipherAlgorithm): Uint8Array {
  return new Uint8Array(SUITES[algorithm].nonceBytes)
}

function deriveMessageKey(
  { appId, keyId, algorithm, version, bytes }: KeyInUse<CipherAlgorithm>,
  salt: Uint8Array,
): Uint8Array {
  const name = encodeCbor([appId, keyId, algorithm, version])
  const info = concat(encodeUtf8('orlop/kmc/1/message'), name)
  return hkdfSha256({ key: bytes, salt, info, lengthBytes: SUITES[algorithm].keyBytes })
}
