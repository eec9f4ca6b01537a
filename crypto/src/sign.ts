import { secp256k1 } from '@noble/curves/secp256k1.js'
import { recoverKey } from '#recover-key'

import { assertBytes, encodeHex, encodeUtf8 } from './bytes.ts'
import { AuthenticationError, MalformedError } from './errors.ts'
import { keccak256 } from './hash.ts'

/** Length of a secp256k1 secret key. */
export const SECRET_KEY_BYTES = 32
/** Length of an EIP-2098 compact signature. */
export const SIGNATURE_BYTES = 64
/** Length of an Ethereum address. */
const ADDRESS_BYTES = 20

const DIGEST_BYTES = 32

/** A fresh secp256k1 secret key of 32 bytes, uniform in [1, n−1] (FIPS 186-5 A.2.1). */
export function generateSecretKey(): Uint8Array<ArrayBuffer> {
  return secp256k1.utils.randomSecretKey()
}

/**
 * The public key of a secret key: 33 bytes, compressed (SEC 1, 2.3.3).
 *
 * @throws RangeError when the secret key is not 32 bytes of a number in [1, n−1]
 */
export function publicKey(secretKey: Uint8Array): Uint8Array<ArrayBuffer> {
  assertSecretKey(secretKey)
  return secp256k1.getPublicKey(secretKey, true)
}

/**
 * The Ethereum address (20 bytes) of a secp256k1 public key, compressed or not.
 *
 * @throws MalformedError when the bytes are no point of the curve
 */
export function ethereumAddress(key: Uint8Array): Uint8Array<ArrayBuffer> {
  assertBytes('public key', key)
  let uncompressed: Uint8Array
  try {
    uncompressed = secp256k1.Point.fromBytes(key).toBytes(false)
  } catch (cause) {
    throw new MalformedError('public key is no point of secp256k1; ask its owner for it again', {
      cause,
    })
  }
  return keccak256(uncompressed.subarray(1)).slice(-ADDRESS_BYTES)
}

/** Writes an address with the mixed-case checksum of EIP-55. */
export function formatAddress(address: Uint8Array): string {
  assertBytes('address', address, ADDRESS_BYTES)
  const digits = encodeHex(address)
  const checksum = encodeHex(keccak256(encodeUtf8(digits)))
  let text = '0x'
  for (let index = 0; index < digits.length; index++) {
    const digit = digits.charAt(index)
    text += Number.parseInt(checksum.charAt(index), 16) >= 8 ? digit.toUpperCase() : digit
  }
  return text
}

/**
 * Signs a 32-byte digest: deterministic (RFC 6979), low-s, 64 bytes as EIP-2098 (r ‖ yParityAndS).
 * In JavaScript: some 2 700 signatures a second on one shared core, far above
 * what one connection or one ledger batch needs.
 *
 * @throws RangeError when digest or key have a wrong length or the key is out of range
 */
export function signDigest(digest: Uint8Array, secretKey: Uint8Array): Uint8Array<ArrayBuffer> {
  assertBytes('digest', digest, DIGEST_BYTES)
  assertSecretKey(secretKey)
  const recovered = secp256k1.sign(digest, secretKey, {
    prehash: false,
    lowS: true,
    format: 'recovered',
  })
  const compact = recovered.slice(1)
  // EIP-2098: low-s leaves the top bit of s free for the parity of R's y.
  compact[32] = (compact[32] ?? 0) | (((recovered[0] ?? 0) & 1) << 7)
  return compact
}

/**
 * The address (20 bytes) whose key signed a digest.
 *
 * @param signature - 64 bytes, EIP-2098
 * @throws RangeError when digest or signature have a wrong length
 * @throws AuthenticationError when no key can have made this signature, or s is high
 */
export function recoverAddress(digest: Uint8Array, signature: Uint8Array): Uint8Array<ArrayBuffer> {
  assertBytes('digest', digest, DIGEST_BYTES)
  assertBytes('signature', signature, SIGNATURE_BYTES)
  const parityAndS = signature[32] ?? 0
  const compact = Uint8Array.from(signature)
  compact[32] = parityAndS & 0x7f
  const key = isLowS(compact) ? recoverKey(digest, compact, parityAndS >> 7 === 0 ? 0 : 1) : null
  if (key === null)
    throw new AuthenticationError('signature is not valid; ask the sender to sign again')
  return ethereumAddress(key)
}

/** Whether r and s are in [1, n−1] and s is not the larger of its two forms. */
function isLowS(compact: Uint8Array): boolean {
  try {
    return !secp256k1.Signature.fromBytes(compact, 'compact').hasHighS()
  } catch {
    return false
  }
}

function assertSecretKey(secretKey: unknown): asserts secretKey is Uint8Array {
  assertBytes('secret key', secretKey, SECRET_KEY_BYTES)
  if (!secp256k1.utils.isValidSecretKey(secretKey)) {
    throw new RangeError('secret key: expected a number in [1, n−1]')
  }
}
