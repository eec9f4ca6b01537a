import { gcm } from '@noble/ciphers/aes.js'
import { xchacha20poly1305 } from '@noble/ciphers/chacha.js'

import { concat } from '../bytes.ts'
import { checkRequest, notAuthentic, splitTag } from './check-request.ts'
import type { CipherBackend, OpenRequest, SealRequest } from './cipher-backend.ts'

/** Ciphers of @noble/ciphers, in JavaScript: they run in browsers too. It has no SM4. */
export const nobleBackend: CipherBackend = {
  name: 'noble',
  suites: ['aes-256-gcm', 'xchacha20-poly1305'],

  seal(request) {
    checkRequest(nobleBackend, request)
    return cipherFor(request).encrypt(concat(...request.plaintext))
  },

  open(request) {
    splitTag(request.sealed, checkRequest(nobleBackend, request))
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
