import { hkdf } from '@noble/hashes/hkdf.js'
import { sha256 } from '@noble/hashes/sha2.js'

import * as platform from '#scrypt'

import { assertBytes, assertInteger, encodeUtf8 } from './bytes.ts'
import { LimitError } from './errors.ts'
import type { ScryptCost } from './kdf/scrypt.ts'

export type { ScryptCost } from './kdf/scrypt.ts'

/** What {@link hkdfSha256} needs. */
export interface HkdfRequest {
  /** Input keying material. */
  readonly key: Uint8Array
  /** May be empty. */
  readonly salt: Uint8Array
  /** What the result is for; a text is taken as its UTF-8 bytes. */
  readonly info: Uint8Array | string
  /** At most 8160. */
  readonly lengthBytes: number
}

/**
 * HKDF-SHA-256 (RFC 5869).
 *
 * @throws TypeError or RangeError when a field is not as documented
 */
export function hkdfSha256(request: HkdfRequest): Uint8Array<ArrayBuffer> {
  assertBytes('key', request.key)
  assertBytes('salt', request.salt)
  assertInteger('lengthBytes', request.lengthBytes, { min: 1, max: 255 * 32 })
  const info = typeof request.info === 'string' ? encodeUtf8(request.info) : request.info
  assertBytes('info', info)
  return hkdf(sha256, request.key, request.salt, info, request.lengthBytes)
}

/** Cost of new passphrase stanzas and keyrings: 128 MiB, a few tenths of a second. */
export const DEFAULT_SCRYPT_COST: ScryptCost = { logN: 17, r: 8, p: 1 }
/** Most memory that a cost read from data may ask for. */
const MAX_SCRYPT_MEMORY_BYTES = 256 * 1024 * 1024

const MIN_LOG_N = 10
const MAX_LOG_N = 21
const MAX_R = 32
const MAX_P = 4

/** What {@link passphraseKey} needs. */
export interface PassphraseKeyRequest {
  /** Taken in Unicode normal form C, as UTF-8, so that it matches however it was typed. */
  readonly passphrase: string
  readonly salt: Uint8Array
  readonly cost: ScryptCost
  readonly lengthBytes: number
}

/**
 * Derives a key from a passphrase by scrypt (RFC 7914), off the event loop in Node.
 *
 * @throws LimitError when the cost is weaker than 2^10 or asks for more than 256 MiB: costs come
 *   from files and envelopes, and must not be able to stall or weaken their reader
 */
export async function passphraseKey(
  request: PassphraseKeyRequest,
): Promise<Uint8Array<ArrayBuffer>> {
  assertBytes('salt', request.salt)
  assertInteger('lengthBytes', request.lengthBytes, { min: 1, max: 1024 })
  assertScryptCost(request.cost)
  const password = encodeUtf8(request.passphrase.normalize('NFC'))
  try {
    return await platform.scrypt({
      ...request.cost,
      password,
      salt: request.salt,
      lengthBytes: request.lengthBytes,
    })
  } finally {
    password.fill(0)
  }
}

function assertScryptCost(cost: ScryptCost): void {
  const { logN, r, p } = cost
  const bounded =
    isWithin(logN, MIN_LOG_N, MAX_LOG_N) && isWithin(r, 1, MAX_R) && isWithin(p, 1, MAX_P)
  if (bounded && 128 * 2 ** logN * r <= MAX_SCRYPT_MEMORY_BYTES) return
  throw new LimitError(
    `scrypt cost logN ${String(logN)}, r ${String(r)}, p ${String(p)} is out of bounds; ` +
      `logN from ${String(MIN_LOG_N)}, p to ${String(MAX_P)} and 256 MiB are allowed`,
  )
}

function isWithin(value: number, min: number, max: number): boolean {
  return Number.isSafeInteger(value) && value >= min && value <= max
}
