import * as z from 'zod'
import { platformBackend } from '@orlop/crypto/backends/platform-backend'
import { decodeHex, encodeHex, encodeUtf8, randomBytes, wipe } from '@orlop/crypto/bytes'
import { CryptoError } from '@orlop/crypto/errors'
import { decodeCbor, encodeCbor } from '@orlop/crypto/format/cbor'
import { sha256 } from '@orlop/crypto/hash'
import { DEFAULT_SCRYPT_COST, passphraseKey, type ScryptCost } from '@orlop/crypto/kdf'
import { OrlopError } from '@orlop/protocol/errors'
import { bytes } from '@orlop/protocol/typed-message'

const FORMAT = 'orlop-keyring'
const KEY_BYTES = 32
const NONCE_BYTES = 24
const SALT_BYTES = 16
/** Far more than a lifetime of rotations. */
const MAX_SEEDS = 256
const MAX_SECRETS_BYTES = 64 * 1024

const hex = z.string().regex(/^(?:[0-9a-f]{2})+$/)

/** The keyring file: JSON, so that a person can see what it is. Secrets stand in `sealed` only. */
const keyringFile = z.strictObject({
  format: z.literal(FORMAT),
  version: z.literal(1),
  /** scrypt, RFC 7914. */
  scrypt: z.strictObject({ salt: hex, logN: z.int(), r: z.int(), p: z.int() }),
  /** XChaCha20-Poly1305. */
  nonce: hex,
  sealed: hex,
  /** SHA-256 over the other fields: tells a damaged file from a wrong passphrase. */
  checksum: hex,
})
type KeyringFile = z.infer<typeof keyringFile>

const keyringSecrets = z.strictObject({
  /** Newest first. */
  seeds: z.array(bytes(32)).min(1).max(MAX_SEEDS),
  recoveryAddress: z.string().regex(/^0x[0-9a-fA-F]{40}$/),
})

/** What the file protects. */
export type KeyringSecrets = z.infer<typeof keyringSecrets>

/** Encrypts a keyring under a passphrase. @param cost - of scrypt; new files take about a third of a second. */
export async function encodeKeyringFile(
  secrets: KeyringSecrets,
  passphrase: string,
  cost: ScryptCost = DEFAULT_SCRYPT_COST,
): Promise<string> {
  const salt = randomBytes(SALT_BYTES)
  const nonce = randomBytes(NONCE_BYTES)
  const key = await passphraseKey({ passphrase, salt, cost, lengthBytes: KEY_BYTES })
  const plaintext = encodeCbor(secrets)
  const sealed = platformBackend.seal({ ...cipher(key, nonce), plaintext: [plaintext] })
  wipe(key, plaintext)
  const fields = {
    format: FORMAT,
    version: 1,
    scrypt: { salt: encodeHex(salt), ...cost },
    nonce: encodeHex(nonce),
    sealed: encodeHex(sealed),
  } as const
  return `${JSON.stringify({ ...fields, checksum: checksumOf(fields) }, null, 2)}\n`
}

/**
 * Opens a keyring file.
 *
 * @param label - where the text came from, for messages.
 * @throws OrlopError `KEYRING_LOCKED` for a wrong passphrase, `KEYRING_DAMAGED` when the file is not as it was written.
 */
export async function decodeKeyringFile(
  text: string,
  passphrase: string,
  label: string,
): Promise<KeyringSecrets> {
  const file = parseFile(text, label)
  const { salt, ...cost } = file.scrypt
  try {
    const key = await passphraseKey({
      passphrase,
      salt: decodeHex(salt),
      cost,
      lengthBytes: KEY_BYTES,
    })
    const sealed = decodeHex(file.sealed)
    const plaintext = platformBackend.open({ ...cipher(key, decodeHex(file.nonce)), sealed })
    wipe(key)
    return keyringSecrets.parse(decodeCbor(plaintext, { maxBytes: MAX_SECRETS_BYTES }))
  } catch (cause) {
    if (!(cause instanceof CryptoError) || cause.code !== 'AUTHENTICATION_FAILED') {
      throw damaged(label, cause)
    }
    throw new OrlopError(
      'KEYRING_LOCKED',
      `The keyring ${label} does not open with this passphrase. Give the passphrase it was made with.`,
      { cause },
    )
  }
}

function parseFile(text: string, label: string): KeyringFile {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw damaged(label, cause)
  }
  const parsed = keyringFile.safeParse(value)
  if (!parsed.success) throw damaged(label, parsed.error)
  const { checksum, ...fields } = parsed.data
  if (checksum !== checksumOf(fields)) throw damaged(label, undefined)
  return parsed.data
}

function cipher(key: Uint8Array, nonce: Uint8Array) {
  const additionalData = encodeUtf8(`${FORMAT}/1`)
  return { suite: 'xchacha20-poly1305', key, nonce, additionalData } as const
}

function checksumOf(fields: Omit<KeyringFile, 'checksum'>): string {
  return encodeHex(sha256(encodeCbor(fields)))
}

function damaged(label: string, cause: unknown): OrlopError {
  return new OrlopError(
    'KEYRING_DAMAGED',
    `The keyring ${label} is damaged or not an Orlop keyring. Restore it from your backup; what is sealed to its keys alone opens with nothing else.`,
    { cause },
  )
}
