import { expect } from 'chai'

import { decodeHex, encodeHex } from './bytes.ts'
import { MalformedError } from './errors.ts'
import { expectError } from './testing/expect-error.ts'
import { readVectors } from './testing/read-vectors.ts'
import { generateX25519SecretKey, x25519PublicKey, x25519SharedSecret } from './x25519.ts'

const vectors = readVectors('x25519.json') as {
  vectors: { source: string; secret: string; public: string; shared: string }[]
  lowOrder: { source: string; secret: string; public: string }[]
}

describe('X25519', () => {
  for (const vector of vectors.vectors) {
    it(`gives the shared secret of ${vector.source}`, () => {
      const shared = x25519SharedSecret(decodeHex(vector.secret), decodeHex(vector.public))
      expect(encodeHex(shared)).to.equal(vector.shared)
    })
  }

  for (const vector of vectors.lowOrder) {
    it(`refuses the public key of ${vector.source}`, () => {
      expectError(MalformedError, () =>
        x25519SharedSecret(decodeHex(vector.secret), decodeHex(vector.public)),
      )
    })
  }

  it('agrees between two parties', () => {
    const [one, other] = [generateX25519SecretKey(), generateX25519SecretKey()]
    const secret = x25519SharedSecret(one, x25519PublicKey(other))
    expect(secret).to.deep.equal(x25519SharedSecret(other, x25519PublicKey(one)))
  })
})
