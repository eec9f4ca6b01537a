import { concat, encodeUtf8, wipe } from '@orlop/crypto/bytes'
import { CryptoError } from '@orlop/crypto/errors'
import { encodeCbor } from '@orlop/crypto/format/cbor'
import { sha256 } from '@orlop/crypto/hash'
import { hkdfSha256 } from '@orlop/crypto/kdf'
import { unwrapKey, wrapKey } from '@orlop/crypto/keys/key-wrap'
import { signDigest } from '@orlop/crypto/sign'
import { x25519PublicKey, x25519SharedSecret } from '@orlop/crypto/x25519'
import { KmcError } from '../kmc-error.ts'
import type { Algorithm } from './records.ts'
import { isSignedBy } from './release-request.ts'

/** A key on its way to one requester, for one request. */
export interface Release {
  readonly algorithm: Algorithm
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
export interface WrapReleaseRequest {
  readonly key: Uint8Array
  readonly algorithm: Algorithm
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
export function wrapRelease(request: WrapReleaseRequest): Release {
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
 * @throws KmcError `RELEASE_INVALID` when it is not this centre's answer to this request, or was wrapped for another key.
 */
export function unwrapRelease(request: UnwrapReleaseRequest): Uint8Array {
  const { release, requestDigest, secretKey, signer } = request
  if (!isSignedBy(signer, digestOf(release, requestDigest), release.signature)) {
    throw invalid('is not signed by this centre as the answer to this request')
  }
  const publicKeys = concat(release.ephemeralKey, x25519PublicKey(secretKey))
  const sharedSecret = x25519SharedSecret(secretKey, release.ephemeralKey)
  const wrappingKey = deriveWrappingKey(sharedSecret, publicKeys, requestDigest)
  try {
    return unwrapKey(wrappingKey, release.wrapped)
  } catch (cause) {
    if (!(cause instanceof CryptoError)) throw cause
    throw invalid('was wrapped for another opening key', cause)
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

function invalid(what: string, cause?: unknown): KmcError {
  return new KmcError(
    'RELEASE_INVALID',
    `The released key ${what}. Do not use it; ask the centre again.`,
    { cause },
  )
}
