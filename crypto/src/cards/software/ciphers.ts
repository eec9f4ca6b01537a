import { createCipheriv, createDecipheriv, createHmac, type KeyObject } from 'node:crypto'
import type { Cipheriv, CipherGCM, DecipherGCM, Decipheriv } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'

import { AuthenticationError } from '../../errors.ts'
import { CIPHER_BLOCK_BYTES, GCM_TAG_BYTES, type CardAlgorithm } from '../algorithms.ts'
import { openGcm, sealGcm } from '../compose/galois-counter-mode.ts'

interface Request {
  readonly algorithm: CardAlgorithm<'cipher'>
  readonly secret: KeyObject
  readonly iv: Uint8Array
  readonly additionalData: Uint8Array
  readonly data: Uint8Array
}

/** What is done at once. Between two of them the event loop serves others. */
const SLICE_BYTES = 1024 * 1024
/** Every update allocates its output: what fits the cache is twice as fast. */
const UPDATE_BYTES = 256 * 1024

/** Encrypts by OpenSSL. @returns ciphertext, for GCM followed by the tag */
export async function encryptBySoftware(request: Request): Promise<Uint8Array<ArrayBuffer>> {
  const { algorithm, secret, iv, additionalData, data } = request
  if (algorithm === 'sm4-gcm') return sealGcm(sm4Counter(secret), request)
  if (algorithm === 'aes-256-gcm') {
    const cipher = createCipheriv(algorithm, secret, iv)
    cipher.setAAD(additionalData)
    const sealed = await transform(cipher, data, GCM_TAG_BYTES)
    sealed.set(cipher.getAuthTag(), data.length)
    return sealed
  }
  return transform(createCipheriv(algorithm, secret, ivFor(iv)), data)
}

/** Reverses {@link encryptBySoftware}. @throws AuthenticationError for GCM when the tag does not verify */
export async function decryptBySoftware(request: Request): Promise<Uint8Array<ArrayBuffer>> {
  const { algorithm, secret, iv, additionalData, data } = request
  if (algorithm === 'sm4-gcm') return openGcm(sm4Counter(secret), request)
  if (algorithm !== 'aes-256-gcm') {
    return transform(createDecipheriv(algorithm, secret, ivFor(iv)), data)
  }
  const tagAt = data.length - GCM_TAG_BYTES
  if (tagAt < 0) throw notAuthentic()
  const decipher = createDecipheriv(algorithm, secret, iv, { authTagLength: GCM_TAG_BYTES })
  decipher.setAAD(additionalData).setAuthTag(data.subarray(tagAt))
  return transform(decipher, data.subarray(0, tagAt))
}

/** The MAC of `sm4-cbc-mac` or an HMAC. */
export async function macBySoftware(
  algorithm: CardAlgorithm<'mac'>,
  secret: KeyObject,
  data: Uint8Array,
): Promise<Uint8Array<ArrayBuffer>> {
  if (algorithm === 'sm4-cbc-mac') {
    const iv = new Uint8Array(CIPHER_BLOCK_BYTES)
    const chained = await transform(createCipheriv('sm4-cbc', secret, iv), data)
    return chained.slice(-CIPHER_BLOCK_BYTES)
  }
  const mac = createHmac(algorithm === 'hmac-sm3' ? 'sm3' : 'sha256', secret)
  await inSlices(data, (slice) => mac.update(slice))
  return Uint8Array.from(mac.digest())
}

/** Hands data over in slices, with a rest for the event loop between them. */
export async function inSlices(
  data: Uint8Array,
  take: (slice: Uint8Array, offset: number) => unknown,
): Promise<void> {
  for (let start = 0; start < data.length; start += SLICE_BYTES) {
    if (start > 0) await setImmediate()
    take(data.subarray(start, start + SLICE_BYTES), start)
  }
}

/** @param spareBytes - room left at the end of the result */
async function transform(
  cipher: Cipheriv | Decipheriv | CipherGCM | DecipherGCM,
  data: Uint8Array,
  spareBytes = 0,
): Promise<Uint8Array<ArrayBuffer>> {
  cipher.setAutoPadding(false)
  const result = new Uint8Array(data.length + spareBytes)
  await inSlices(data, (slice, offset) => {
    for (let at = 0; at < slice.length; at += UPDATE_BYTES) {
      result.set(cipher.update(slice.subarray(at, at + UPDATE_BYTES)), offset + at)
    }
  })
  try {
    cipher.final()
  } catch (cause) {
    result.fill(0)
    throw notAuthentic(cause)
  }
  return result
}

function sm4Counter(secret: KeyObject) {
  return (firstBlock: Uint8Array, data: Uint8Array) =>
    transform(createCipheriv('sm4-ctr', secret, firstBlock), data)
}

/** OpenSSL wants none, not an empty one, for the codebook. */
function ivFor(iv: Uint8Array): Uint8Array | null {
  return iv.length === 0 ? null : iv
}

function notAuthentic(cause?: unknown): AuthenticationError {
  return new AuthenticationError('sealed bytes are not authentic: changed, or under another key', {
    cause,
  })
}
