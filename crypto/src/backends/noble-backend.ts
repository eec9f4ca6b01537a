import { gcm } from '@noble/ciphers/aes.js'
import { xchacha20poly1305 } from '@noble/ciphers/chacha.js'

import { concat } from '../bytes.ts'
import { checkRequest, notAuthentic, splitTag } from './check-request.ts'
import type { CipherBackend, OpenRequest, SealRequest } from './cipher-backend.ts'
import { nobleSm4 } from './noble-sm4.ts'
import { openSm4Gcm, sealSm4Gcm } from './sm4-gcm-suite.ts'
import { openSm4, sealSm4 } from './sm4-suite.ts'

/** Ciphers of @noble/ciphers, and our own SM4, in JavaScript: they run in browsers too. It has every suite. */
export const nobleBackend: CipherBackend = {
  name: 'noble',
  suites: ['aes-256-gcm', 'xchacha20-poly1305', 'sm4-ctr-hmac-sm3', 'sm4-gcm'],

  seal(request) {
    checkRequest(nobleBackend, request)
    if (request.suite === 'sm4-ctr-hmac-sm3') return sealSm4(nobleSm4, request)
    if (request.suite === 'sm4-gcm') return sealSm4Gcm(nobleSm4, request)
    return cipherFor(request).encrypt(concat(...request.plaintext))
  },

  open(request) {
    const { ciphertext, tag } = splitTag(request.sealed, checkRequest(nobleBackend, request))
    if (request.suite === 'sm4-ctr-hmac-sm3') return openSm4(nobleSm4, request, { ciphertext, tag })
    if (request.suite === 'sm4-gcm') return openSm4Gcm(nobleSm4, request, { ciphertext, tag })
    try {
      return cipherFor(request).decrypt(request.sealed)
    } catch (cause) {
      throw notAuthentic(cause)
    }
  },
}

function cipherFor(request: SealRequest | OpenRequest): ReturnType<typeof gcm> {
  const { key, nonce, additionalData } = request
  return request.suite === 'aes-256-gcm'
    ? gcm(key, nonce, additionalData)
    : xchacha20poly1305(key, nonce, additionalData)
}
