import { createCipheriv, createDecipheriv, createHmac } from 'node:crypto'

import { concat, equalConstantTime, u64be } from '../bytes.ts'
import { notAuthentic } from './check-request.ts'
import type { OpenRequest, SealRequest } from './cipher-backend.ts'

const SM4_KEY_BYTES = 16

/** Seals by the suite `sm4-ctr-hmac-sm3`, as specified at `SUITES`. */
export function sealSm4(request: SealRequest): Uint8Array<ArrayBuffer> {
  const cipher = createCipheriv('sm4-ctr', sm4Key(request.key), firstCounterBlock(request.nonce))
  const pieces = request.plaintext.map((piece) => cipher.update(piece))
  const ciphertext = concat(...pieces, cipher.final())
  return concat(ciphertext, computeTag(request, ciphertext))
}

/** Opens what {@link sealSm4} sealed. @throws AuthenticationError when the tag does not verify */
export function openSm4(
  request: OpenRequest,
  ciphertext: Uint8Array,
  tag: Uint8Array,
): Uint8Array<ArrayBuffer> {
  if (!equalConstantTime(computeTag(request, ciphertext), tag)) throw notAuthentic()
  const counter = firstCounterBlock(request.nonce)
  const decipher = createDecipheriv('sm4-ctr', sm4Key(request.key), counter)
  return concat(decipher.update(ciphertext), decipher.final())
}

function computeTag(
  request: Pick<OpenRequest, 'key' | 'nonce' | 'additionalData'>,
  ciphertext: Uint8Array,
): Uint8Array {
  return createHmac('sm3', request.key.subarray(SM4_KEY_BYTES))
    .update(u64be(request.additionalData.length))
    .update(request.additionalData)
    .update(request.nonce)
    .update(ciphertext)
    .digest()
}

function sm4Key(key: Uint8Array): Uint8Array {
  return key.subarray(0, SM4_KEY_BYTES)
}

function firstCounterBlock(nonce: Uint8Array): Uint8Array {
  return concat(nonce, new Uint8Array(4))
}
