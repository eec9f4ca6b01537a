import { ghash } from '@noble/ciphers/_polyval.js'

import { concat, equalConstantTime, u64be } from '../bytes.ts'
import { notAuthentic } from './check-request.ts'
import type { OpenRequest, SealRequest } from './cipher-backend.ts'
import { SM4_BLOCK_BYTES } from './sm4.ts'
import type { Sm4Primitives } from './sm4-suite.ts'

type CounterMode = Pick<Sm4Primitives, 'ctr'>

/**
 * Seals by the suite `sm4-gcm` (RFC 8998 section 1.3.1; NIST SP 800-38D section 7.1) from SM4 in counter mode: neither OpenSSL in
 * node:crypto nor the library has it whole. Exact below 2³² blocks, where counting 32 or 128 bits is the same.
 */
export function sealSm4Gcm(primitives: CounterMode, request: SealRequest): Uint8Array<ArrayBuffer> {
  const { key, nonce, plaintext } = request
  const ciphertext = primitives.ctr(key, counterBlock(nonce, 2), plaintext)
  return concat(ciphertext, tagOf(primitives, request, ciphertext))
}

/** Opens what {@link sealSm4Gcm} sealed (section 7.2). @throws AuthenticationError when the tag does not verify */
export function openSm4Gcm(
  primitives: CounterMode,
  request: OpenRequest,
  sealed: { readonly ciphertext: Uint8Array; readonly tag: Uint8Array },
): Uint8Array<ArrayBuffer> {
  const { ciphertext, tag } = sealed
  if (!equalConstantTime(tagOf(primitives, request, ciphertext), tag)) throw notAuthentic()
  return primitives.ctr(request.key, counterBlock(request.nonce, 2), [ciphertext])
}

function tagOf(
  primitives: CounterMode,
  { key, nonce, additionalData }: Pick<OpenRequest, 'key' | 'nonce' | 'additionalData'>,
  ciphertext: Uint8Array,
): Uint8Array {
  const zeros = new Uint8Array(SM4_BLOCK_BYTES)
  const hashKey = primitives.ctr(key, zeros, [zeros])
  // Every update is padded with zeros to whole blocks, as the mode wants it.
  const hash = ghash.create(hashKey).update(additionalData).update(ciphertext)
  const hashed = hash
    .update(concat(u64be(8 * additionalData.length), u64be(8 * ciphertext.length)))
    .digest()
  hashKey.fill(0)
  return primitives.ctr(key, counterBlock(nonce, 1), [hashed])
}

function counterBlock(nonce: Uint8Array, count: number): Uint8Array {
  return concat(nonce, Uint8Array.of(0, 0, 0, count))
}
