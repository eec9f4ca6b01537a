import { createCipheriv, createHmac, hkdfSync } from 'node:crypto'

import { chacha20poly1305 } from '@noble/ciphers/chacha.js'
import { expect } from 'chai'
import fc from 'fast-check'

import { concat, decodeHex, encodeHex, u64be } from '../bytes.ts'
import { SUITES } from '../suites/suites.ts'
import { namedBytes, patternBytes } from '../testing/pattern.ts'
import { readVectors } from '../testing/read-vectors.ts'
import { cipherBackendConformance } from './cipher-backend.conformance.ts'
import { nobleBackend } from './noble-backend.ts'
import { nodeBackend } from './node-backend.ts'
import { platformBackend } from './platform-backend.ts'
import { xchachaSubkey } from './xchacha-subkey.ts'

cipherBackendConformance('node', () => nodeBackend)
cipherBackendConformance('noble', () => nobleBackend)

const underneath = readVectors('aead.json') as {
  hchacha20: { key: string; nonce: string; subkey: string }
  chacha20Poly1305: Record<'key' | 'nonce' | 'additionalData' | 'plaintext' | 'sealed', string>
}

describe('cipher backends', () => {
  for (const suite of nobleBackend.suites) {
    it(`give the same bytes for ${suite}`, () => {
      const { keyBytes, nonceBytes } = SUITES[suite]
      fc.assert(
        fc.property(
          fc.uint8Array({ minLength: keyBytes, maxLength: keyBytes }),
          fc.uint8Array({ minLength: nonceBytes, maxLength: nonceBytes }),
          fc.uint8Array({ maxLength: 500 }),
          (key, nonce, plaintext) => {
            const additionalData = nonce
            const request = { suite, key, nonce, additionalData, plaintext: [plaintext] }
            expect(nodeBackend.seal(request)).to.deep.equal(nobleBackend.seal(request))
          },
        ),
        { numRuns: 40 },
      )
    })
  }

  it('in Node the platform backend is OpenSSL', () => {
    expect(platformBackend).to.equal(nodeBackend)
  })

  it('derive the subkey of draft-irtf-cfrg-xchacha-03 2.2.1', () => {
    const { key, nonce, subkey } = underneath.hchacha20
    const derived = xchachaSubkey(decodeHex(key), concat(decodeHex(nonce), new Uint8Array(8)))
    expect(encodeHex(derived.key)).to.equal(subkey)
  })

  it('stand on ChaCha20-Poly1305 as RFC 8439 2.8.2 has it', () => {
    const { key, nonce, additionalData, plaintext, sealed } = underneath.chacha20Poly1305
    const cipher = chacha20poly1305(decodeHex(key), decodeHex(nonce), decodeHex(additionalData))
    expect(encodeHex(cipher.encrypt(decodeHex(plaintext)))).to.equal(sealed)
  })

  it('compose sm4-ctr-hmac-sm3 from single SM4 blocks and HMAC-SM3 as documented', () => {
    const key = namedBytes('sm4 composition key', 32)
    // RFC 5869 through the platform, not through this package.
    const info = 'orlop/1/sm4-ctr-hmac-sm3'
    const keys = new Uint8Array(hkdfSync('sha256', key, new Uint8Array(0), info, 48))
    const nonce = namedBytes('sm4 composition nonce', 12)
    const additionalData = patternBytes(7)
    const plaintext = patternBytes(50)
    const keystream = [0, 1, 2, 3].map((counter) => {
      const block = createCipheriv('sm4-ecb', keys.subarray(0, 16), null)
      return block.update(concat(nonce, Uint8Array.of(0, 0, 0, counter)))
    })
    const stream = concat(...keystream)
    const ciphertext = plaintext.map((byte, index) => byte ^ stream[index]!)
    const tag = createHmac('sm3', keys.subarray(16))
      .update(concat(u64be(7), additionalData, nonce, ciphertext))
      .digest()
    const request = { suite: 'sm4-ctr-hmac-sm3', key, nonce, additionalData } as const
    const sealed = nodeBackend.seal({ ...request, plaintext: [plaintext] })
    expect(sealed).to.deep.equal(concat(ciphertext, tag))
  })
})
