import type { SuiteName } from '../format/header.ts'

/** Lengths that a cipher suite works with, in bytes. */
export interface Suite {
  readonly name: SuiteName
  readonly keyBytes: number
  readonly nonceBytes: number
  readonly tagBytes: number
}

/** Bytes of a chunk's nonce after the object's prefix: u32 chunk number and last flag (STREAM). */
export const NONCE_SUFFIX_BYTES = 5

/**
 * The cipher suites of format version 1. All are authenticated and append their tag.
 *
 * - `aes-256-gcm`: NIST SP 800-38D.
 * - `xchacha20-poly1305`: RFC 8439 with the nonce of draft-irtf-cfrg-xchacha-03.
 * - `sm4-ctr-hmac-sm3`: encrypt-then-MAC. HKDF-SHA-256 over the key, without salt, with the info
 *   `orlop/1/sm4-ctr-hmac-sm3`, gives 48 bytes: the SM4 key (16), then the HMAC key (32). SM4 in
 *   counter mode (GB/T 32907, GB/T 17964) starts at the block nonce (12 bytes) ‖ u32 0. The tag is
 *   HMAC-SM3 (GB/T 32905, RFC 2104), whole, over u64be(length of the additional data) ‖ additional
 *   data ‖ nonce ‖ ciphertext: the length and the fixed nonce keep the parts apart.
 * - `sm4-gcm`: AEAD_SM4_GCM of RFC 8998 section 1.3.1.
 */
export const SUITES: Readonly<Record<SuiteName, Suite>> = {
  'aes-256-gcm': { name: 'aes-256-gcm', keyBytes: 32, nonceBytes: 12, tagBytes: 16 },
  'xchacha20-poly1305': { name: 'xchacha20-poly1305', keyBytes: 32, nonceBytes: 24, tagBytes: 16 },
  'sm4-ctr-hmac-sm3': { name: 'sm4-ctr-hmac-sm3', keyBytes: 32, nonceBytes: 12, tagBytes: 32 },
  'sm4-gcm': { name: 'sm4-gcm', keyBytes: 16, nonceBytes: 12, tagBytes: 16 },
}
