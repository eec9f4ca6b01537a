/**
 * Failures of this package that data or keys can cause. Misuse by the calling program stays a
 * `TypeError` or `RangeError`. Messages never hold key material or plaintext.
 */
export abstract class CryptoError extends Error {
  /** Stable machine-readable code. */
  abstract readonly code: string
  /** The class name, constant also in minified builds. */
  abstract override readonly name: string
}

/** Sealed bytes, a tag or a signature are not what their author made: tampered, or the wrong key. */
export class AuthenticationError extends CryptoError {
  override readonly name = 'AuthenticationError'
  readonly code = 'AUTHENTICATION_FAILED'
}

/** Bytes do not follow the format: not canonical, a field missing, of a wrong type or length. */
export class MalformedError extends CryptoError {
  override readonly name = 'MalformedError'
  readonly code = 'MALFORMED'
}

/** A format version, suite, level or profile that this release cannot read. */
export class UnsupportedVersionError extends CryptoError {
  override readonly name = 'UnsupportedVersionError'
  readonly code = 'UNSUPPORTED'
}

/** A declared size, count or cost is beyond what this release accepts. */
export class LimitError extends CryptoError {
  override readonly name = 'LimitError'
  readonly code = 'LIMIT_EXCEEDED'
}

/** A data key that is whole, but belongs to another object: the header's commitment says so. */
export class KeyMismatchError extends CryptoError {
  override readonly name = 'KeyMismatchError'
  readonly code = 'KEY_MISMATCH'
}

/** The sealed stream ended before its last chunk. */
export class TruncatedError extends CryptoError {
  override readonly name = 'TruncatedError'
  readonly code = 'TRUNCATED'
}
