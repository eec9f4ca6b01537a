import { createCipheriv, createHash } from 'node:crypto'

import { expect } from 'chai'

import { decodeHex, encodeHex } from './bytes.ts'
import { createSha256, keccak256, sha256 } from './hash.ts'
import * as nobleSha256 from './platform/sha256-noble.ts'
import * as nodeSha256 from './platform/sha256-node.ts'
import { patternBytes } from './testing/pattern.ts'
import { readVectors } from './testing/read-vectors.ts'

interface HashVector {
  readonly source: string
  readonly message: string
  readonly digest: string
}

interface CipherVector {
  readonly source: string
  readonly mode: string
  readonly key: string
  readonly iv: string
  readonly plaintext: string
  readonly ciphertext: string
}

const vectors = readVectors('hashes.json') as {
  sha256: HashVector[]
  keccak256: HashVector[]
  sm3: HashVector[]
  sm4: CipherVector[]
}

describe('hash', () => {
  for (const { source, message, digest } of vectors.sha256) {
    it(`SHA-256 gives the digest of ${source}, in both implementations`, () => {
      const bytes = decodeHex(message)
      expect(encodeHex(sha256(bytes))).to.equal(digest)
      expect(encodeHex(nodeSha256.sha256(bytes))).to.equal(digest)
      expect(encodeHex(nobleSha256.sha256(bytes))).to.equal(digest)
    })
  }

  for (const { source, message, digest } of vectors.keccak256) {
    it(`Keccak-256 gives the digest of ${source}`, () => {
      expect(encodeHex(keccak256(decodeHex(message)))).to.equal(digest)
    })
  }

  for (const { source, message, digest } of vectors.sm3) {
    it(`the platform's SM3 gives the digest of ${source}`, () => {
      expect(createHash('sm3').update(decodeHex(message)).digest('hex')).to.equal(digest)
    })
  }

  for (const vector of vectors.sm4) {
    it(`the platform's SM4 gives the ciphertext of ${vector.source}`, () => {
      const cipher = createCipheriv(vector.mode, decodeHex(vector.key), decodeHex(vector.iv))
      cipher.setAutoPadding(false)
      const ciphertext = cipher.update(decodeHex(vector.plaintext))
      expect(encodeHex(ciphertext)).to.equal(vector.ciphertext)
    })
  }

  it('hashes pieces as it hashes the whole, in both implementations', () => {
    const bytes = patternBytes(10_000)
    for (const create of [createSha256, nodeSha256.createSha256, nobleSha256.createSha256]) {
      const hasher = create()
      hasher.update(bytes.subarray(0, 63))
      hasher.update(bytes.subarray(63))
      expect(hasher.digest()).to.deep.equal(sha256(bytes))
    }
  })
})
