import { createCipheriv, createDecipheriv, createHmac } from 'node:crypto'

import { concat, equalConstantTime, u64be, wipe } from '../bytes.ts'
import { hkdfSha256 } from '../kdf.ts'
import { notAuthentic } from './check-request.ts'
import type { OpenRequest, SealRequest } from './cipher-backend.ts'

const SM4_KEY_BYTES = 16
const HMAC_KEY_BYTES = 32

/** The two keys of the suite `sm4-ctr-hmac-sm3`. */
interface SplitKey {
  readonly sm4: Uint8Array
  readonly hmac: Uint8Array
}

/** Seals by the suite `sm4-ctr-hmac-sm3`, as specified at `SUITES`. */
export function sealSm4(request: SealRequest): Uint8Array<ArrayBuffer> {
  const keys = splitKey(request.key)
  const cipher = createCipheriv('sm4-ctr', keys.sm4, firstCounterBlock(request.nonce))
  const pieces = request.plaintext.map((piece) => cipher.update(piece))
  const ciphertext = concat(...pieces, cipher.final())
  const sealed = concat(ciphertext, computeTag(keys.hmac, request, ciphertext))
  wipe(keys.sm4, keys.hmac)
  return sealed
}

/** Opens what {@link sealSm4} sealed. @throws AuthenticationError when the tag does not verify */
export function openSm4(
  request: OpenRequest,
  ciphertext: Uint8Array,
  tag: Uint8Array,
): Uint8Array<ArrayBuffer> {
  const keys = splitKey(request.key)
  try {
    if (!equalConstantTime(computeTag(keys.hmac, request, ciphertext), tag)) throw notAuthentic()
    const decipher = createDecipheriv('sm4-ctr', keys.sm4, firstCounterBlock(request.nonce))
    return concat(decipher.update(ciphertext), decipher.final())
  } finally {
    wipe(keys.sm4, keys.hmac)
  }
}

function computeTag(
  hmacKey: Uint8Array,
  request: Pick<OpenRequest, 'nonce' | 'additionalData'>,
  ciphertext: Uint8Array,
): Uint8Array {
  return createHmac('sm3', hmacKey)
    .update(u64be(request.additionalData.length))
    .update(request.additionalData)
    .update(request.nonce)
    .update(ciphertext)
    .digest()
}

/** One derivation for both keys, so that no bit of the suite's key can change unnoticed. */
function splitKey(key: Uint8Array): SplitKey {
  const keys = hkdfSha256({
    key,
    salt: new Uint8Array(0),
    info: 'orlop/1/sm4-ctr-hmac-sm3',
    lengthBytes: SM4_KEY_BYTES + HMAC_KEY_BYTES,
  })
  return { sm4: keys.subarray(0, SM4_KEY_BYTES), hmac: keys.subarray(SM4_KEY_BYTES) }
}

function firstCounterBlock(nonce: Uint8Array): Uint8Array {
  return concat(nonce, new Uint8Array(4))
}
