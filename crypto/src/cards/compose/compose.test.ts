import { createCipheriv } from 'node:crypto'

import { expect } from 'chai'
import fc from 'fast-check'

import { concat, decodeHex, encodeHex } from '../../bytes.ts'
import { AuthenticationError } from '../../errors.ts'
import { expectRejection, withEachByteFlipped } from '../../testing/expect-error.ts'
import { namedBytes, patternBytes } from '../../testing/pattern.ts'
import { counterMode } from './counter-mode.ts'
import { openGcm, sealGcm } from './galois-counter-mode.ts'

const key = namedBytes('key', 32)

/** What a card offers, by another implementation than the one composed here. */
const codebook = (blocks: Uint8Array) => {
  const cipher = createCipheriv('aes-256-ecb', key, null).setAutoPadding(false)
  return Promise.resolve(concat(cipher.update(blocks), cipher.final()))
}
const counter = (firstBlock: Uint8Array, data: Uint8Array) =>
  counterMode(codebook, firstBlock, data)

describe('modes composed of a codebook', () => {
  it('counter mode equals the native one, over carries and slices', async () => {
    const firsts = [
      namedBytes('iv', 16),
      decodeHex('00'.repeat(15) + 'fe'),
      decodeHex('ff'.repeat(16)),
    ]
    for (const first of firsts) {
      for (const length of [0, 1, 16, 100, 1024 * 1024 + 17]) {
        const native = createCipheriv('aes-256-ctr', key, first)
        const expected = native.update(patternBytes(length))
        const actual = await counter(first, patternBytes(length))
        expect(Buffer.compare(actual, expected), `${String(length)} bytes`).to.equal(0)
      }
    }
  })

  it('Galois/counter mode equals the native one, and opens what it sealed', async () => {
    const bytes = fc.uint8Array({ maxLength: 100 })
    await fc.assert(
      fc.asyncProperty(bytes, bytes, async (data, additionalData) => {
        const iv = namedBytes('iv', 12)
        const native = createCipheriv('aes-256-gcm', key, iv).setAAD(additionalData)
        const expected = concat(native.update(data), native.final(), native.getAuthTag())
        const sealed = await sealGcm(counter, { iv, additionalData, data })
        expect(encodeHex(sealed)).to.equal(encodeHex(expected))
        const opened = await openGcm(counter, { iv, additionalData, data: sealed })
        expect(opened).to.deep.equal(Uint8Array.from(data))
      }),
      { numRuns: 50 },
    )
  })

  it('Galois/counter mode opens nothing that was changed or cut', async () => {
    const request = { iv: namedBytes('iv', 12), additionalData: namedBytes('aad', 9) }
    const sealed = await sealGcm(counter, { ...request, data: namedBytes('data', 20) })
    for (const [, data] of withEachByteFlipped(sealed)) {
      await expectRejection(AuthenticationError, () => openGcm(counter, { ...request, data }))
    }
    for (let length = 0; length < sealed.length; length++) {
      const data = sealed.subarray(0, length)
      await expectRejection(AuthenticationError, () => openGcm(counter, { ...request, data }))
    }
  })
})
