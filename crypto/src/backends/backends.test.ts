import { createCipheriv, createHash, createHmac, hkdfSync } from 'node:crypto'

import { chacha20poly1305 } from '@noble/ciphers/chacha.js'
import { expect } from 'chai'
import fc from 'fast-check'

import { concat, decodeHex, encodeHex, encodeUtf8, u64be } from '../bytes.ts'
import { UnsupportedVersionError } from '../errors.ts'
import { SUITES } from '../suites/suites.ts'
import { expectError } from '../testing/expect-error.ts'
import { namedBytes, patternBytes } from '../testing/pattern.ts'
import { readVectors } from '../testing/read-vectors.ts'
import { checkRequest } from './check-request.ts'
import { cipherBackendConformance } from './cipher-backend.conformance.ts'
import { nobleBackend } from './noble-backend.ts'
import { nodeBackend } from './node-backend.ts'
import { platformBackend } from './platform-backend.ts'
import { expandSm4Key, sm4Ctr } from './sm4.ts'
import { sm3 } from './sm3.ts'
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

  it('refuse a suite they do not have, and name those they have', () => {
    const partial = { ...nobleBackend, name: 'partial', suites: ['aes-256-gcm'] } as const
    const request = {
      suite: 'xchacha20-poly1305',
      key: new Uint8Array(32),
      nonce: new Uint8Array(24),
      additionalData: new Uint8Array(0),
      plaintext: [],
    } as const
    const error = expectError(UnsupportedVersionError, () => checkRequest(partial, request))
    expect(error.message).to.contain('xchacha20-poly1305').and.contain('it has aes-256-gcm')
  })

  // The one block of GB/T 32907-2016 annex A.1: the counter block is the plaintext there.
  it('encrypt a block with SM4 as GB/T 32907-2016 annex A.1 has it', () => {
    const block = decodeHex('0123456789abcdeffedcba9876543210')
    const ciphertext = sm4Ctr(expandSm4Key(block), block, new Uint8Array(16))
    expect(encodeHex(ciphertext)).to.equal('681edf34d206965e86b3e94f536e4246')
  })

  it('count the blocks of SM4 up through every byte, as OpenSSL does', () => {
    const key = namedBytes('sm4 counter key', 16)
    const firstBlock = new Uint8Array(16).fill(0xff, 1)
    const data = patternBytes(100)
    const expected = createCipheriv('sm4-ctr', key, firstBlock).update(data)
    expect(sm4Ctr(expandSm4Key(key), firstBlock, data)).to.deep.equal(new Uint8Array(expected))
  })

  it('hash with SM3 as GB/T 32905-2016 annex A has it, and as OpenSSL does at every length', () => {
    const digests = ['abc', 'abcd'.repeat(16)].map((text) => encodeHex(sm3(encodeUtf8(text))))
    expect(digests).to.deep.equal([
      '66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0',
      'debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732',
    ])
    for (let lengthBytes = 0; lengthBytes < 200; lengthBytes++) {
      const message = patternBytes(lengthBytes)
      const expected = createHash('sm3').update(message).digest('hex')
      expect(encodeHex(sm3(message)), `${lengthBytes} bytes`).to.equal(expected)
    }
  })

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
    for (const backend of [nodeBackend, nobleBackend]) {
      const sealed = backend.seal({ ...request, plaintext: [plaintext] })
      expect(sealed).to.deep.equal(concat(ciphertext, tag))
    }
  })
})
