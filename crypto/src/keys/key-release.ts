import { assertBytes, concat, encodeUtf8, equalConstantTime, wipe } from '../bytes.ts'
import { SM2_POINT_BYTES, Sm2Point } from '../cards/sm2/curve.ts'
import { sealSm2 } from '../cards/sm2/encryption.ts'
import { AuthenticationError } from '../errors.ts'
import { encodeCbor } from '../format/cbor.ts'
import { sha256 } from '../hash.ts'
import { hkdfSha256 } from '../kdf.ts'
import { signDigest } from '../sign.ts'
import { x25519PublicKey, x25519SharedSecret } from '../x25519.ts'
import { unwrapKey, wrapKey } from './key-wrap.ts'
import { isSignedBy } from './signed-by.ts'

/** Bytes of an X25519 key. */
const X25519_BYTES = 32
const KEY_BYTES = 32
const CHECK_BYTES = 16
/** C1, C3 and a key. */
const SM2_WRAPPED_BYTES = SM2_POINT_BYTES + 32 + KEY_BYTES
/** Enough for a scalar of either curve. */
export const EPHEMERAL_SECRET_BYTES = 48

/** A key on its way to one requester, for one request. */
export interface Release<A extends string = string> {
  /** What the key is for. */
  readonly algorithm: A
  /** From 1. */
  readonly version: number
  /** The newest version: the only one to seal with. */
  readonly isNewest: boolean
  /** 32 bytes; null for a key wrapped to an SM2 key, whose ciphertext has its own. */
  readonly ephemeralKey: Uint8Array | null
  /** The key, wrapped to the requester's opening key: 48 bytes, or an SM2 ciphertext of 129 (GB/T 32918.4, C1 ‖ C3 ‖ C2). */
  readonly wrapped: Uint8Array
  /** 16 bytes that show whether the right key was unwrapped, and nothing else of it. */
  readonly check: Uint8Array
  /** 64 bytes, EIP-2098, by the centre. */
  readonly signature: Uint8Array
}

/** What {@link wrapRelease} needs. */
export interface WrapReleaseRequest<A extends string> {
  /** 32 bytes. */
  readonly key: Uint8Array
  readonly algorithm: A
  readonly version: number
  readonly isNewest: boolean
  /** The request's digest. */
  readonly requestDigest: Uint8Array
  /** The requester's key from its application's policy: X25519 (32 bytes) or SM2 (65, uncompressed). */
  readonly openingKey: Uint8Array
  /** 48 random bytes used for nothing else; wiped here. */
  readonly ephemeralSecret: Uint8Array
  /** The centre's. */
  readonly signingKey: Uint8Array
}

/** Whether keys can be wrapped to this: an X25519 key (32 bytes), or a point of the SM2 curve (65 bytes, uncompressed). */
export function isOpeningKey(bytes: Uint8Array): boolean {
  if (bytes.length === X25519_BYTES) return true
  if (bytes.length !== SM2_POINT_BYTES || bytes[0] !== 4) return false
  try {
    Sm2Point.fromBytes(bytes).assertValidity()
    return true
  } catch {
    return false
  }
}

/**
 * Wraps a key for whoever asked for it, and nobody else, as the answer to one request.
 *
 * @throws MalformedError for an X25519 key of low order; RangeError for a key that is no point of the SM2 curve
 */
export function wrapRelease<A extends string>(request: WrapReleaseRequest<A>): Release<A> {
  const { algorithm, version, isNewest, requestDigest, openingKey, ephemeralSecret } = request
  assertBytes('ephemeralSecret', ephemeralSecret, EPHEMERAL_SECRET_BYTES)
  const isForSm2 = openingKey.length === SM2_POINT_BYTES
  const wrapping = isForSm2 ? wrapToSm2(request) : wrapToX25519(request)
  wipe(ephemeralSecret)
  const check = checkOf(request.key, requestDigest)
  const content = { algorithm, version, isNewest, ...wrapping, check }
  return { ...content, signature: signDigest(digestOf(content, requestDigest), request.signingKey) }
}

type Wrapping = Pick<Release, 'ephemeralKey' | 'wrapped'>
type ToWrap = Pick<
  WrapReleaseRequest<string>,
  'key' | 'openingKey' | 'ephemeralSecret' | 'requestDigest'
>

function wrapToX25519({ key, openingKey, ephemeralSecret, requestDigest }: ToWrap): Wrapping {
  const secret = ephemeralSecret.subarray(0, X25519_BYTES)
  const ephemeralKey = x25519PublicKey(secret)
  const sharedSecret = x25519SharedSecret(secret, openingKey)
  const publicKeys = concat(ephemeralKey, openingKey)
  const wrappingKey = deriveWrappingKey(sharedSecret, publicKeys, requestDigest)
  const wrapped = wrapKey(wrappingKey, key)
  wipe(sharedSecret, wrappingKey)
  return { ephemeralKey, wrapped }
}

function wrapToSm2({ key, openingKey, ephemeralSecret }: ToWrap): Wrapping {
  return { ephemeralKey: null, wrapped: sealSm2(openingKey, key, () => ephemeralSecret) }
}

/** An answer, and what it must answer. */
export interface ReleaseAnswer {
  readonly release: Release
  /** Of the request that this must answer. */
  readonly requestDigest: Uint8Array
  /** The centre's address, from its root record. */
  readonly signer: Uint8Array
}

/** What {@link unwrapRelease} needs. */
export interface UnwrapReleaseRequest extends ReleaseAnswer {
  /** The requester's X25519 secret. */
  readonly secretKey: Uint8Array
}

/**
 * Unwraps a released key at the requester's. Keep it in memory only.
 *
 * @throws AuthenticationError when it is not this centre's answer to this request, or was wrapped for another key.
 */
export function unwrapRelease(request: UnwrapReleaseRequest): Uint8Array {
  const { requestDigest, secretKey } = request
  const { ephemeralKey, wrapped } = verifyRelease(request)
  if (ephemeralKey === null) {
    throw new AuthenticationError('the released key is wrapped to an SM2 key, not to this one')
  }
  const publicKeys = concat(ephemeralKey, x25519PublicKey(secretKey))
  const sharedSecret = x25519SharedSecret(secretKey, ephemeralKey)
  const wrappingKey = deriveWrappingKey(sharedSecret, publicKeys, requestDigest)
  try {
    return confirmRelease(request, unwrapKey(wrappingKey, wrapped))
  } finally {
    wipe(sharedSecret, wrappingKey)
  }
}

/**
 * What the requester's SM2 key decrypts to the released key, for one that is in a card.
 *
 * @returns 129 bytes, C1 ‖ C3 ‖ C2.
 * @throws AuthenticationError when it is not this centre's answer to this request.
 */
export function sm2WrappedRelease(answer: ReleaseAnswer): Uint8Array {
  const { ephemeralKey, wrapped } = verifyRelease(answer)
  if (ephemeralKey === null && wrapped.length === SM2_WRAPPED_BYTES) return wrapped
  throw new AuthenticationError('the released key is not wrapped to an SM2 key')
}

/**
 * The last step, after a card has decrypted: a card that is wrong would have data sealed with a key that nobody has.
 *
 * @param key - what was unwrapped; wiped when it is another than the centre's.
 * @returns the key.
 * @throws AuthenticationError when it is another
 */
export function confirmRelease(
  { release, requestDigest }: Pick<ReleaseAnswer, 'release' | 'requestDigest'>,
  key: Uint8Array,
): Uint8Array {
  if (key.length === KEY_BYTES && equalConstantTime(checkOf(key, requestDigest), release.check)) {
    return key
  }
  wipe(key)
  throw new AuthenticationError('what was unwrapped is not the key that the centre released')
}

function verifyRelease({ release, requestDigest, signer }: ReleaseAnswer): Release {
  if (isSignedBy(signer, digestOf(release, requestDigest), release.signature)) return release
  throw new AuthenticationError(
    'the released key is not signed by this centre as the answer to this request',
  )
}

function deriveWrappingKey(
  sharedSecret: Uint8Array,
  publicKeys: Uint8Array,
  requestDigest: Uint8Array,
): Uint8Array {
  const info = concat(encodeUtf8('orlop/kmc/1/release'), requestDigest)
  return hkdfSha256({ key: sharedSecret, salt: publicKeys, info, lengthBytes: 32 })
}

function checkOf(key: Uint8Array, requestDigest: Uint8Array): Uint8Array {
  const info = 'orlop/kmc/1/release-check'
  return hkdfSha256({ key, salt: requestDigest, info, lengthBytes: CHECK_BYTES })
}

function digestOf(release: Omit<Release, 'signature'>, requestDigest: Uint8Array): Uint8Array {
  const { algorithm, version, isNewest, ephemeralKey, wrapped, check } = release
  const content = encodeCbor({ algorithm, version, isNewest, ephemeralKey, wrapped, check })
  return sha256(concat(encodeUtf8('orlop/kmc/1/released'), requestDigest, content))
}
