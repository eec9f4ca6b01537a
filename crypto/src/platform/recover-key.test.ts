import { expect } from 'chai'
import fc from 'fast-check'
import { secp256k1 } from '@noble/curves/secp256k1.js'
import { recoverKey as recoverInWebAssembly } from './recover-key-node.ts'
import { recoverKey as recoverInJavaScript } from './recover-key-noble.ts'

const ORDER = secp256k1.Point.CURVE().n
const bytes32 = fc.uint8Array({ minLength: 32, maxLength: 32 })
const scalar = fc
  .bigInt({ min: 1n, max: ORDER - 1n })
  .map((value) => Uint8Array.from(Buffer.from(value.toString(16).padStart(64, '0'), 'hex')))

describe('recoverKey', () => {
  it('gives the key that signed, in WebAssembly and in JavaScript', () => {
    fc.assert(
      fc.property(bytes32, (digest) => {
        const secretKey = secp256k1.utils.randomSecretKey()
        const made = secp256k1.sign(digest, secretKey, { prehash: false, format: 'recovered' })
        const yParity = made[0] === 1 ? 1 : 0
        const key = secp256k1.getPublicKey(secretKey, false)
        expect(recoverInWebAssembly(digest, made.subarray(1), yParity)).to.deep.equal(key)
        expect(recoverInJavaScript(digest, made.subarray(1), yParity)).to.deep.equal(key)
      }),
      { numRuns: 20 },
    )
  })

  it('gives the same, a key or null, for what nobody signed', () => {
    let nulls = 0
    fc.assert(
      fc.property(bytes32, scalar, scalar, fc.constantFrom(0, 1), (digest, r, s, yParity) => {
        const signature = Uint8Array.from([...r, ...s])
        const key = recoverInWebAssembly(digest, signature, yParity)
        expect(recoverInJavaScript(digest, signature, yParity)).to.deep.equal(key)
        if (key === null) nulls++
      }),
      { numRuns: 60, seed: 1 },
    )
    // Half of all numbers are the x of no point.
    expect(nulls).to.be.within(10, 50)
  })
})
