import { assertBytes } from '../bytes.ts'
import { AuthenticationError, UnsupportedVersionError } from '../errors.ts'
import { SUITES } from '../suites/suites.ts'
import type { Suite } from '../suites/suites.ts'
import type { CipherBackend, OpenRequest, SealRequest } from './cipher-backend.ts'

/**
 * Checks what every backend must check before it touches a cipher.
 *
 * @returns the suite asked for
 * @throws UnsupportedVersionError, TypeError, RangeError as documented at {@link CipherBackend}
 */
export function checkRequest(backend: CipherBackend, request: SealRequest | OpenRequest): Suite {
  if (!backend.suites.includes(request.suite)) {
    throw new UnsupportedVersionError(
      `cipher backend ${backend.name} does not have ${request.suite}; ` +
        `it has ${backend.suites.join(', ')}`,
    )
  }
  const suite = SUITES[request.suite]
  assertBytes('key', request.key, suite.keyBytes)
  checkSuiteLengths(suite, request.nonce, request.additionalData)
  return suite
}

/** @throws TypeError or RangeError when nonce or additional data are not as the suite has them */
export function checkSuiteLengths(
  suite: Suite,
  nonce: Uint8Array,
  additionalData: Uint8Array,
): void {
  assertBytes('nonce', nonce, suite.nonceBytes)
  assertBytes('additionalData', additionalData)
}

/** What every backend throws when a tag does not verify. */
export function notAuthentic(cause?: unknown): AuthenticationError {
  return new AuthenticationError(
    'sealed bytes are not authentic: changed on the way, or sealed under another key; ' +
      'fetch them again from another node',
    { cause },
  )
}

/** Splits ciphertext from tag. @throws AuthenticationError when there is not even a tag */
export function splitTag(
  sealed: Uint8Array,
  suite: Suite,
): { ciphertext: Uint8Array; tag: Uint8Array } {
  assertBytes('sealed', sealed)
  if (sealed.length < suite.tagBytes) throw notAuthentic()
  const ciphertextBytes = sealed.length - suite.tagBytes
  return { ciphertext: sealed.subarray(0, ciphertextBytes), tag: sealed.subarray(ciphertextBytes) }
}
