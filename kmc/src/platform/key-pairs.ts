import {
  constants,
  createPrivateKey,
  createPublicKey,
  createSign,
  createVerify,
  type KeyObject,
  privateDecrypt,
  sign as signByNode,
  verify as verifyByNode,
} from 'node:crypto'
import { concat, decodeHex, encodeHex, wipe } from '@orlop/crypto/bytes'
import { Sm2Point, sm2SignerDigest } from '@orlop/crypto/cards/sm2/curve'
import { openSm2 } from '@orlop/crypto/cards/sm2/encryption'
import { decodeSignatureDer, encodeSignatureDer } from '@orlop/crypto/cards/sm2/signature-der'
import { privateKey, publicKeyObject } from '@orlop/crypto/cards/software/software-key'
import { AuthenticationError } from '@orlop/crypto/errors'
import { hkdfSha256 } from '@orlop/crypto/kdf'
import type { KeyInUse } from './key-access.ts'

export const SIGNATURE_ALGORITHMS = ['ecdsa-p256-sha256', 'ed25519', 'sm2-sm3'] as const
export const ENVELOPE_ALGORITHMS = ['sm2-encrypt', 'rsa-3072-oaep'] as const
export type SignatureAlgorithm = (typeof SIGNATURE_ALGORITHMS)[number]
export type EnvelopeAlgorithm = (typeof ENVELOPE_ALGORITHMS)[number]
export type PairAlgorithm = SignatureAlgorithm | EnvelopeAlgorithm

/** How a signature of a curve travels: as DER, or r ‖ s in 64 bytes. Ed25519 has one form only. */
export type SignatureEncoding = 'der' | 'raw'

/** FIPS 186-5 section 3.1 of SP 800-186: the order of P-256. */
const P256_ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n
/** Half as long again as the orders: the remainder is uniform but for 2⁻¹²⁸ (FIPS 186-5 appendix A.2.1). */
const WIDE_BYTES = 48
const SCALAR_BYTES = 32
const RAW_SIGNATURE_BYTES = 64
/** PKCS #8 of an Ed25519 key up to its 32 bytes (RFC 8410 section 7). */
const ED25519_HEAD = decodeHex('302e020100300506032b657004220420')

/** The public key of a pair. */
export function publicKeyOf({ algorithm, bytes }: KeyInUse<PairAlgorithm>): KeyObject {
  if (algorithm === 'rsa-3072-oaep') return createPublicKey(readPkcs8(bytes))
  if (algorithm === 'ed25519') return createPublicKey(ed25519Key(bytes))
  return withScalar(algorithm, bytes, (pair) => publicKeyObject(pair.publicKey))
}

/** Signs a message. @returns DER or r ‖ s; 64 bytes for Ed25519. */
export function signMessage(
  { algorithm, bytes }: KeyInUse<SignatureAlgorithm>,
  message: Uint8Array,
  encoding: SignatureEncoding,
): Uint8Array {
  if (algorithm === 'ed25519') return signByNode(null, message, ed25519Key(bytes))
  const der = withScalar(algorithm, bytes, ({ privateKey: key, publicKey }) => {
    if (publicKey.type === 'rsa') throw new TypeError('publicKey: expected one of a curve')
    const signer = createSign(algorithm === 'sm2-sm3' ? 'sm3' : 'sha256')
    if (algorithm === 'sm2-sm3') signer.update(sm2SignerDigest(publicKey.point))
    return signer.update(message).sign(key)
  })
  return encoding === 'der' ? der : decodeSignatureDer(der)
}

/** Whether a signature is right; false too for one that is no signature at all. */
export function verifyMessage(
  key: KeyInUse<SignatureAlgorithm>,
  message: Uint8Array,
  { signature, encoding }: { signature: Uint8Array; encoding: SignatureEncoding },
): boolean {
  const { algorithm, bytes } = key
  const publicKey = publicKeyOf(key)
  if (algorithm === 'ed25519') return verifyByNode(null, message, publicKey, signature)
  if (encoding === 'raw' && signature.length !== RAW_SIGNATURE_BYTES) return false
  const der = encoding === 'raw' ? encodeSignatureDer(signature) : signature
  const verifier = createVerify(algorithm === 'sm2-sm3' ? 'sm3' : 'sha256')
  if (algorithm === 'sm2-sm3') {
    verifier.update(withScalar(algorithm, bytes, signerDigestOf))
  }
  return verifier.update(message).verify(publicKey, der)
}

/** Unwraps what was encrypted to a pair's public key. @throws AuthenticationError when it was not, or was changed */
export function unwrapWith(
  { algorithm, bytes }: KeyInUse<EnvelopeAlgorithm>,
  wrapped: Uint8Array,
): Uint8Array {
  if (algorithm === 'sm2-encrypt') {
    return withScalar(algorithm, bytes, ({ scalar }) =>
      openSm2(scalar ?? new Uint8Array(), wrapped),
    )
  }
  const key = readPkcs8(bytes)
  try {
    const padding = constants.RSA_PKCS1_OAEP_PADDING
    return Uint8Array.from(privateDecrypt({ key, padding, oaepHash: 'sha256' }, wrapped))
  } catch (cause) {
    throw new AuthenticationError('RSA ciphertext is damaged, or was encrypted to another key', {
      cause,
    })
  }
}

type Pair = ReturnType<typeof privateKey>

function signerDigestOf({ publicKey }: Pair): Uint8Array {
  if (publicKey.type === 'rsa') throw new TypeError('publicKey: expected one of a curve')
  return sm2SignerDigest(publicKey.point)
}

/** Works with the private number that follows from a key's bytes, from 1 to n − 2, and wipes it. */
function withScalar<T>(
  algorithm: 'sm2-sm3' | 'sm2-encrypt' | 'ecdsa-p256-sha256',
  bytes: Uint8Array,
  work: (pair: Pair) => T,
): T {
  const [type, order] =
    algorithm === 'ecdsa-p256-sha256'
      ? (['p256', P256_ORDER] as const)
      : (['sm2', Sm2Point.Fn.ORDER] as const)
  const info = `orlop/kmc/1/scalar/${type}`
  const wide = hkdfSha256({ key: bytes, salt: new Uint8Array(0), info, lengthBytes: WIDE_BYTES })
  const number = (BigInt(`0x${encodeHex(wide)}`) % (order - 2n)) + 1n
  const scalar = decodeHex(number.toString(16).padStart(2 * SCALAR_BYTES, '0'))
  wipe(wide)
  try {
    return work(privateKey(type, scalar))
  } finally {
    wipe(scalar)
  }
}

function ed25519Key(bytes: Uint8Array): KeyObject {
  return readPkcs8(concat(ED25519_HEAD, bytes))
}

function readPkcs8(bytes: Uint8Array): KeyObject {
  return createPrivateKey({ key: Buffer.from(bytes), format: 'der', type: 'pkcs8' })
}
