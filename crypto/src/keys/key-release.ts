import { concat, encodeUtf8, wipe } from '../bytes.ts'
import { AuthenticationError } from '../errors.ts'
import { encodeCbor } from '../format/cbor.ts'
import { sha256 } from '../hash.ts'
import { hkdfSha256 } from '../kdf.ts'
import { signDigest } from '../sign.ts'
import { x25519PublicKey, x25519SharedSecret } from '../x25519.ts'
import { unwrapKey, wrapKey } from './key-wrap.ts'
import { isSignedBy } from './signed-by.ts'

/** A key on its way to one requester, for one request. */
export interface Release<A extends string = string> {
  /** What the key is for. */
  readonly algorithm: A
  /** From 1. */
  readonly version: number
  /** The newest version: the only one to seal with. */
  readonly isNewest: boolean
  /** 32 bytes. */
  readonly ephemeralKey: Uint8Array
  /** The key, wrapped to the requester's opening key: 48 bytes. */
  readonly wrapped: Uint8Array
  /** 64 bytes, EIP-2098, by the centre. */
  readonly signature: Uint8Array
}

/** What {@link wrapRelease} needs. */
export interface WrapReleaseRequest<A extends string> {
  readonly key: Uint8Array
  readonly algorithm: A
  readonly version: number
  readonly isNewest: boolean
  /** The request's digest. */
  readonly requestDigest: Uint8Array
  /** The requester's X25519 key from its application's policy. */
  readonly openingKey: Uint8Array
  /** 32 bytes used for nothing else; wiped here. */
  readonly ephemeralSecret: Uint8Array
  /** The centre's. */
  readonly signingKey: Uint8Array
}

/** Wraps a key for whoever asked for it, and nobody else, as the answer to one request. @throws MalformedError for a key of low order */
export function wrapRelease<A extends string>(request: WrapReleaseRequest<A>): Release<A> {
  const { key, algorithm, version, isNewest, requestDigest, openingKey } = request
  const ephemeralKey = x25519PublicKey(request.ephemeralSecret)
  const sharedSecret = x25519SharedSecret(request.ephemeralSecret, openingKey)
  const wrappingKey = deriveWrappingKey(
    sharedSecret,
    concat(ephemeralKey, openingKey),
    requestDigest,
  )
  const wrapped = wrapKey(wrappingKey, key)
  wipe(request.ephemeralSecret, sharedSecret, wrappingKey)
  const content = { algorithm, version, isNewest, ephemeralKey, wrapped }
  return { ...content, signature: signDigest(digestOf(content, requestDigest), request.signingKey) }
}

/** What {@link unwrapRelease} needs. */
export interface UnwrapReleaseRequest {
  readonly release: Release
  /** Of the request that this must answer. */
  readonly requestDigest: Uint8Array
  /** The requester's X25519 secret. */
  readonly secretKey: Uint8Array
  /** The centre's address, from its root record. */
  readonly signer: Uint8Array
}

/**
 * Unwraps a released key at the requester's. Keep it in memory only.
 *
 * @throws AuthenticationError when it is not this centre's answer to this request, or was wrapped for another key.
 */
export function unwrapRelease(request: UnwrapReleaseRequest): Uint8Array {
  const { release, requestDigest, secretKey, signer } = request
  if (!isSignedBy(signer, digestOf(release, requestDigest), release.signature)) {
    throw new AuthenticationError(
      'the released key is not signed by this centre as the answer to this request',
    )
  }
  const publicKeys = concat(release.ephemeralKey, x25519PublicKey(secretKey))
  const sharedSecret = x25519SharedSecret(secretKey, release.ephemeralKey)
  const wrappingKey = deriveWrappingKey(sharedSecret, publicKeys, requestDigest)
  try {
    return unwrapKey(wrappingKey, release.wrapped)
  } finally {
    wipe(sharedSecret, wrappingKey)
  }
}

function deriveWrappingKey(
  sharedSecret: Uint8Array,
  publicKeys: Uint8Array,
  requestDigest: Uint8Array,
): Uint8Array {
  const info = concat(encodeUtf8('orlop/kmc/1/release'), requestDigest)
  return hkdfSha256({ key: sharedSecret, salt: publicKeys, info, lengthBytes: 32 })
}

function digestOf(release: Omit<Release, 'signature'>, requestDigest: Uint8Array): Uint8Array {
  const { algorithm, version, isNewest, ephemeralKey, wrapped } = release
  const content = encodeCbor({ algorithm, version, isNewest, ephemeralKey, wrapped })
  return sha256(concat(encodeUtf8('orlop/kmc/1/released'), requestDigest, content))
}
