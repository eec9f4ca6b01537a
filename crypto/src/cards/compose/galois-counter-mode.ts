import { ghash } from '@noble/ciphers/_polyval.js'

import { concat, equalConstantTime, u64be } from '../../bytes.ts'
import { AuthenticationError } from '../../errors.ts'
import { CIPHER_BLOCK_BYTES, GCM_TAG_BYTES } from '../algorithms.ts'

/** Counter mode of the card under the key in question: first counter block, data. */
export type CounterMode = (
  firstBlock: Uint8Array,
  data: Uint8Array,
) => Promise<Uint8Array<ArrayBuffer>>

export interface GcmRequest {
  /** 12 bytes. */
  readonly iv: Uint8Array
  readonly additionalData: Uint8Array
  readonly data: Uint8Array
}

/**
 * Galois/counter mode (NIST SP 800-38D section 7.1) from a card that has counter mode: the cipher works on
 * the card, the authentication here. Exact below 2³² blocks, where counting 32 or 128 bits is the same.
 *
 * @returns ciphertext ‖ tag of 16 bytes
 */
export async function sealGcm(
  counterMode: CounterMode,
  request: GcmRequest,
): Promise<Uint8Array<ArrayBuffer>> {
  const ciphertext = await counterMode(counterBlock(request.iv, 2), request.data)
  return concat(ciphertext, await tagOf(counterMode, request, ciphertext))
}

/** Opens what {@link sealGcm} made (section 7.2). @throws AuthenticationError when the tag does not verify */
export async function openGcm(
  counterMode: CounterMode,
  request: GcmRequest,
): Promise<Uint8Array<ArrayBuffer>> {
  const ciphertextBytes = request.data.length - GCM_TAG_BYTES
  const ciphertext = request.data.subarray(0, Math.max(0, ciphertextBytes))
  const tag = await tagOf(counterMode, request, ciphertext)
  if (ciphertextBytes < 0 || !equalConstantTime(tag, request.data.subarray(ciphertextBytes))) {
    throw new AuthenticationError('sealed bytes are not authentic: changed, or under another key')
  }
  return counterMode(counterBlock(request.iv, 2), ciphertext)
}

async function tagOf(
  counterMode: CounterMode,
  { iv, additionalData }: GcmRequest,
  ciphertext: Uint8Array,
): Promise<Uint8Array> {
  const zeros = new Uint8Array(CIPHER_BLOCK_BYTES)
  const hashKey = await counterMode(zeros, zeros)
  const hashed = ghash(
    concat(
      padded(additionalData),
      padded(ciphertext),
      u64be(8 * additionalData.length),
      u64be(8 * ciphertext.length),
    ),
    hashKey,
  )
  hashKey.fill(0)
  return counterMode(counterBlock(iv, 1), hashed)
}

function counterBlock(iv: Uint8Array, count: number): Uint8Array {
  return concat(iv, Uint8Array.of(0, 0, 0, count))
}

function padded(bytes: Uint8Array): Uint8Array {
  const rest = bytes.length % CIPHER_BLOCK_BYTES
  return rest === 0 ? bytes : concat(bytes, new Uint8Array(CIPHER_BLOCK_BYTES - rest))
}
