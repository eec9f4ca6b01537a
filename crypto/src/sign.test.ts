import { expect } from 'chai'
import fc from 'fast-check'

import { concat, decodeHex, encodeHex, encodeUtf8 } from './bytes.ts'
import { AuthenticationError, MalformedError } from './errors.ts'
import { keccak256, sha256 } from './hash.ts'
import {
  ethereumAddress,
  formatAddress,
  generateSecretKey,
  publicKey,
  recoverAddress,
  signDigest,
} from './sign.ts'
import { expectError, withEachByteFlipped } from './testing/expect-error.ts'
import { readVectors } from './testing/read-vectors.ts'

const vectors = readVectors('signatures.json') as {
  rfc6979: { secretKey: string; message: string; r: string; s: string }[]
  eip2098: { source: string; secretKey: string; message: string; compact: string }[]
  eip55: string[]
}

const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n

/** EIP-191, version E: what wallets put before a personal message. */
function personalDigest(message: string): Uint8Array {
  const bytes = encodeUtf8(message)
  const prefix = encodeUtf8(`\u0019Ethereum Signed Message:\n${String(bytes.length)}`)
  return keccak256(concat(prefix, bytes))
}

/** Null for what no key can have signed. */
function signerOf(digest: Uint8Array, signature: Uint8Array): Uint8Array | null {
  try {
    return recoverAddress(digest, signature)
  } catch (error) {
    if (error instanceof AuthenticationError) return null
    throw error
  }
}

describe('signatures', () => {
  for (const { secretKey, message, r, s } of vectors.rfc6979) {
    it(`are deterministic as RFC 6979 says: ${message.slice(0, 20)}`, () => {
      const signature = signDigest(sha256(encodeUtf8(message)), decodeHex(secretKey))
      signature[32]! &= 0x7f
      expect(encodeHex(signature)).to.equal(r + s)
    })
  }

  for (const { source, secretKey, message, compact } of vectors.eip2098) {
    it(`are compact as in ${source}`, () => {
      const digest = personalDigest(message)
      const key = decodeHex(secretKey)
      expect(encodeHex(signDigest(digest, key))).to.equal(compact)
      const address = ethereumAddress(publicKey(key))
      expect(recoverAddress(digest, decodeHex(compact))).to.deep.equal(address)
    })
  }

  it('lead back to their signer for any key and digest', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (digest) => {
        const key = generateSecretKey()
        const address = ethereumAddress(publicKey(key))
        expect(recoverAddress(digest, signDigest(digest, key))).to.deep.equal(address)
      }),
      { numRuns: 10 },
    )
  })

  it('do not lead back to their signer when any byte is changed, nor for another digest', () => {
    const key = decodeHex(vectors.eip2098[0]!.secretKey)
    const address = ethereumAddress(publicKey(key))
    const digest = sha256(encodeUtf8('a commit'))
    const signature = signDigest(digest, key)
    for (const [at, flipped] of withEachByteFlipped(signature)) {
      expect(signerOf(digest, flipped), `byte ${String(at)}`).to.not.deep.equal(address)
    }
    expect(signerOf(sha256(digest), signature)).to.not.deep.equal(address)
  })

  it('of high s are refused, so that no signature has a second form', () => {
    const key = decodeHex(vectors.eip2098[0]!.secretKey)
    const digest = sha256(encodeUtf8('a commit'))
    const r = signDigest(digest, key).subarray(0, 32)
    // The lowest high s is below 2^255, so it can be written without touching the parity bit.
    const withS = (s: bigint): Uint8Array => concat(r, decodeHex(s.toString(16).padStart(64, '0')))
    recoverAddress(digest, withS(ORDER / 2n))
    expectError(AuthenticationError, () => recoverAddress(digest, withS(ORDER / 2n + 1n)))
  })

  it('of zeros are refused with a typed error', () => {
    expectError(AuthenticationError, () =>
      recoverAddress(sha256(new Uint8Array(0)), new Uint8Array(64)),
    )
  })

  it('refuse keys out of range', () => {
    const digest = new Uint8Array(32)
    expect(() => signDigest(digest, new Uint8Array(32))).to.throw(RangeError, '[1, n−1]')
    expect(() => publicKey(new Uint8Array(32).fill(255))).to.throw(RangeError)
    expect(() => publicKey(new Uint8Array(31))).to.throw(RangeError, '32 bytes, got 31')
    expectError(MalformedError, () => ethereumAddress(new Uint8Array(33)))
  })
})

describe('addresses', () => {
  for (const text of vectors.eip55) {
    it(`carry the checksum of EIP-55: ${text}`, () => {
      expect(formatAddress(decodeHex(text.slice(2).toLowerCase()))).to.equal(text)
    })
  }
})
