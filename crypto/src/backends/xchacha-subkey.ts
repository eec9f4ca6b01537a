import { hchacha } from '@noble/ciphers/chacha.js'

import { concat, encodeUtf8 } from '../bytes.ts'

const HCHACHA_NONCE_BYTES = 16
const SIGMA = words(encodeUtf8('expand 32-byte k'))

/**
 * Turns key (32 bytes) and nonce (24) of XChaCha20-Poly1305 into those of ChaCha20-Poly1305
 * (draft-irtf-cfrg-xchacha-03, 2.2 and 2.3).
 */
export function xchachaSubkey(
  key: Uint8Array,
  nonce: Uint8Array,
): { key: Uint8Array<ArrayBuffer>; nonce: Uint8Array<ArrayBuffer> } {
  const subkey = new Uint32Array(8)
  hchacha(SIGMA, words(key), words(nonce.subarray(0, HCHACHA_NONCE_BYTES)), subkey)
  return {
    key: new Uint8Array(subkey.buffer),
    nonce: concat(new Uint8Array(4), nonce.subarray(HCHACHA_NONCE_BYTES)),
  }
}

/** The bytes as the host's own words: the order that `hchacha` expects. */
function words(bytes: Uint8Array): Uint32Array<ArrayBuffer> {
  return new Uint32Array(Uint8Array.from(bytes).buffer)
}
