import type { SuiteName } from '../format/header.ts'

/** What {@link CipherBackend.seal} needs. Lengths are those of the suite. */
export interface SealRequest {
  readonly suite: SuiteName
  readonly key: Uint8Array
  /** Never to be used twice under one key. */
  readonly nonce: Uint8Array
  /** Authenticated with the plaintext, not encrypted; any length. */
  readonly additionalData: Uint8Array
  /** The plaintext in pieces, so that a prefix costs no copy of what follows it. */
  readonly plaintext: readonly Uint8Array[]
  /**
   * Gives memory for the result, exactly `lengthBytes` long, whatever it holds: who seals much can
   * use the same memory again. A backend may take its own instead.
   */
  readonly allocate?: (lengthBytes: number) => Uint8Array<ArrayBuffer>
}

/** What {@link CipherBackend.open} needs. Lengths are those of the suite. */
export interface OpenRequest {
  readonly suite: SuiteName
  readonly key: Uint8Array
  readonly nonce: Uint8Array
  readonly additionalData: Uint8Array
  /** Ciphertext ‖ tag; left unchanged. */
  readonly sealed: Uint8Array
}

/** An implementation of authenticated ciphers. All give the same bytes for the same request. */
export interface CipherBackend {
  readonly name: string
  /** The suites this backend has. */
  readonly suites: readonly SuiteName[]
  /**
   * Encrypts and authenticates.
   *
   * @returns ciphertext ‖ tag, in memory of its own or from `allocate`
   * @throws TypeError or RangeError when a length is not the suite's
   * @throws UnsupportedVersionError when this backend does not have the suite
   */
  seal(request: SealRequest): Uint8Array<ArrayBuffer>
  /**
   * Verifies and decrypts. Nothing is returned unless all of it is authentic.
   *
   * @returns the plaintext, in memory of its own
   * @throws AuthenticationError when a bit of key, nonce, additional data or sealed bytes differs
   *   from what was sealed
   * @throws TypeError, RangeError, UnsupportedVersionError as {@link seal}
   */
  open(request: OpenRequest): Uint8Array<ArrayBuffer>
}
