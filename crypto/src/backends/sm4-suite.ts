import { concat, equalConstantTime, u64be, wipe } from '../bytes.ts'
import { hkdfSha256 } from '../kdf.ts'
import { notAuthentic } from './check-request.ts'
import type { OpenRequest, SealRequest } from './cipher-backend.ts'

const SM4_KEY_BYTES = 16
const HMAC_KEY_BYTES = 32

/** What the suite is composed of, by the platform. */
export interface Sm4Primitives {
  /** SM4 in counter mode from a first block of 16 bytes over the joined pieces: encrypts and decrypts. */
  ctr(
    key: Uint8Array,
    firstBlock: Uint8Array,
    pieces: readonly Uint8Array[],
  ): Uint8Array<ArrayBuffer>
  /** HMAC-SM3 over the joined pieces, 32 bytes. */
  hmac(key: Uint8Array, pieces: readonly Uint8Array[]): Uint8Array
}

/** The two keys of the suite `sm4-ctr-hmac-sm3`. */
export interface SplitSm4Key {
  readonly sm4: Uint8Array
  readonly hmac: Uint8Array
}

/** Seals by the suite `sm4-ctr-hmac-sm3`, as specified at `SUITES`. */
export function sealSm4(primitives: Sm4Primitives, request: SealRequest): Uint8Array<ArrayBuffer> {
  const keys = splitSm4Key(request.key)
  const firstBlock = firstCounterBlock(request.nonce)
  const ciphertext = primitives.ctr(keys.sm4, firstBlock, request.plaintext)
  const tag = primitives.hmac(keys.hmac, taggedPieces(request, ciphertext))
  wipe(keys.sm4, keys.hmac)
  return concat(ciphertext, tag)
}

/** Opens what {@link sealSm4} sealed. @throws AuthenticationError when the tag does not verify */
export function openSm4(
  primitives: Sm4Primitives,
  request: OpenRequest,
  sealed: { readonly ciphertext: Uint8Array; readonly tag: Uint8Array },
): Uint8Array<ArrayBuffer> {
  const { ciphertext, tag } = sealed
  const keys = splitSm4Key(request.key)
  try {
    const expected = primitives.hmac(keys.hmac, taggedPieces(request, ciphertext))
    if (!equalConstantTime(expected, tag)) throw notAuthentic()
    return primitives.ctr(keys.sm4, firstCounterBlock(request.nonce), [ciphertext])
  } finally {
    wipe(keys.sm4, keys.hmac)
  }
}

/** What the tag is over, in order. */
export function taggedPieces(
  { nonce, additionalData }: Pick<OpenRequest, 'nonce' | 'additionalData'>,
  ciphertext: Uint8Array,
): Uint8Array[] {
  return [u64be(additionalData.length), additionalData, nonce, ciphertext]
}

/** One derivation for both keys, so that no bit of the suite's key can change unnoticed. Wipe them after use. */
export function splitSm4Key(key: Uint8Array): SplitSm4Key {
  const keys = hkdfSha256({
    key,
    salt: new Uint8Array(0),
    info: 'orlop/1/sm4-ctr-hmac-sm3',
    lengthBytes: SM4_KEY_BYTES + HMAC_KEY_BYTES,
  })
  return { sm4: keys.subarray(0, SM4_KEY_BYTES), hmac: keys.subarray(SM4_KEY_BYTES) }
}

/** The first counter block of SM4 for a nonce of 12 bytes. */
export function firstCounterBlock(nonce: Uint8Array): Uint8Array {
  return concat(nonce, new Uint8Array(4))
}
