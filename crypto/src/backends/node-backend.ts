import { createCipheriv, createDecipheriv } from 'node:crypto'
import type { CipherGCM, DecipherGCM } from 'node:crypto'

import { wipe } from '../bytes.ts'
import { checkRequest, notAuthentic, splitTag } from './check-request.ts'
import type { CipherBackend, OpenRequest, SealRequest } from './cipher-backend.ts'
import { nodeSm4 } from './node-sm4.ts'
import { openSm4Gcm, sealSm4Gcm } from './sm4-gcm-suite.ts'
import { openSm4, sealSm4 } from './sm4-suite.ts'
import { xchachaSubkey } from './xchacha-subkey.ts'

// Every update allocates its output: slices that fit the cache are twice as fast as whole chunks.
const UPDATE_BYTES = 256 * 1024

/** Ciphers of OpenSSL, through node:crypto. It has every suite. */
export const nodeBackend: CipherBackend = {
  name: 'node',
  suites: ['aes-256-gcm', 'xchacha20-poly1305', 'sm4-ctr-hmac-sm3', 'sm4-gcm'],

  seal(request) {
    const suite = checkRequest(nodeBackend, request)
    if (request.suite === 'sm4-ctr-hmac-sm3') return sealSm4(nodeSm4, request)
    if (request.suite === 'sm4-gcm') return sealSm4Gcm(nodeSm4, request)
    const cipher = withNative(request, ({ name, key, nonce }) =>
      createCipheriv(name, key, nonce, { authTagLength: suite.tagBytes }),
    )
    return sealNative(cipher, request, suite.tagBytes)
  },

  open(request) {
    const suite = checkRequest(nodeBackend, request)
    const { ciphertext, tag } = splitTag(request.sealed, suite)
    if (request.suite === 'sm4-ctr-hmac-sm3') return openSm4(nodeSm4, request, { ciphertext, tag })
    if (request.suite === 'sm4-gcm') return openSm4Gcm(nodeSm4, request, { ciphertext, tag })
    const decipher = withNative(request, ({ name, key, nonce }) =>
      createDecipheriv(name, key, nonce, { authTagLength: suite.tagBytes }),
    )
    decipher.setAuthTag(tag)
    return openNative(decipher, request, ciphertext)
  },
}

/** What OpenSSL is asked for: it has ChaCha20-Poly1305, so XChaCha's key step is done before. */
interface NativeCipher {
  // In truth also `chacha20-poly1305`; Node's types set that apart, though it is used the same way.
  readonly name: 'aes-256-gcm'
  readonly key: Uint8Array
  readonly nonce: Uint8Array
}

function withNative<Cipher>(
  request: SealRequest | OpenRequest,
  create: (native: NativeCipher) => Cipher,
): Cipher {
  if (request.suite === 'aes-256-gcm') {
    return create({ name: 'aes-256-gcm', key: request.key, nonce: request.nonce })
  }
  const { key, nonce } = xchachaSubkey(request.key, request.nonce)
  const cipher = create({ name: 'chacha20-poly1305' as 'aes-256-gcm', key, nonce })
  wipe(key)
  return cipher
}

function sealNative(
  cipher: CipherGCM,
  request: SealRequest,
  tagBytes: number,
): Uint8Array<ArrayBuffer> {
  cipher.setAAD(request.additionalData)
  let plainBytes = 0
  for (const piece of request.plaintext) plainBytes += piece.length
  const sealedBytes = plainBytes + tagBytes
  const sealed = request.allocate?.(sealedBytes) ?? new Uint8Array(sealedBytes)
  let offset = 0
  for (const piece of request.plaintext) {
    for (let start = 0; start < piece.length; start += UPDATE_BYTES) {
      const ciphertext = cipher.update(piece.subarray(start, start + UPDATE_BYTES))
      sealed.set(ciphertext, offset)
      offset += ciphertext.length
      free(ciphertext)
    }
  }
  cipher.final()
  sealed.set(cipher.getAuthTag(), offset)
  return sealed
}

function openNative(
  decipher: DecipherGCM,
  request: OpenRequest,
  ciphertext: Uint8Array,
): Uint8Array<ArrayBuffer> {
  decipher.setAAD(request.additionalData)
  const plaintext = decipher.update(ciphertext)
  try {
    decipher.final()
  } catch (cause) {
    wipe(plaintext)
    throw notAuthentic(cause)
  }
  return new Uint8Array(plaintext.buffer, plaintext.byteOffset, plaintext.length)
}

/** Gives memory back at once: the collector lets 64 MiB of used slices gather in every thread first. */
function free(slice: Buffer): void {
  const { buffer } = slice
  const isOwn = buffer.byteLength === slice.byteLength
  if (isOwn && buffer instanceof ArrayBuffer) buffer.transfer(0)
}
