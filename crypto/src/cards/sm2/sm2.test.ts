import { expect } from 'chai'
import fc from 'fast-check'

import { concat, decodeHex, encodeHex, encodeUtf8 } from '../../bytes.ts'
import { AuthenticationError } from '../../errors.ts'
import { expectError, withEachByteFlipped } from '../../testing/expect-error.ts'
import { namedBytes } from '../../testing/pattern.ts'
import { sm2Scalar, sm2SignerDigest } from './curve.ts'
import { openSm2, sealSm2 } from './encryption.ts'
import { decodeSignatureDer, encodeSignatureDer } from './signature-der.ts'

/** GB/T 32918.5-2017 annexes A and C. */
const privateKey = decodeHex('3945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b8')
const point = decodeHex(
  '0409f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020' +
    'ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13',
)
const message = encodeUtf8('encryption standard')
const published =
  '0404ebfc718e8d1798620432268e77feb6415e2ede0e073c0f4f640ecd2e149a73' +
  'e858f9d81e5430a57b36daab8f950a3c64e6ee6a63094d99283aff767e124df0' +
  '59983c18f809e262923c53aec295d30383b54e39d609d160afcb1908d0bd8766' +
  '21886ca989ca9c7d58087307ca93092d651efa'

describe('SM2', () => {
  it('seals the published ciphertext with the published random number', () => {
    const scalar = 0x59276e27d506861a16680f3ad9c02dccef3cc1fa3cdbe4ce6d54b80deac1bc21n
    const random = (lengthBytes: number) =>
      decodeHex((scalar - 1n).toString(16).padStart(2 * lengthBytes, '0'))
    expect(encodeHex(sealSm2(point, message, random))).to.equal(published)
  })

  it('opens the published ciphertext, and none with a byte flipped', () => {
    const sealed = decodeHex(published)
    expect(openSm2(privateKey, sealed)).to.deep.equal(message)
    for (const [, flipped] of withEachByteFlipped(sealed)) {
      expectError(AuthenticationError, () => openSm2(privateKey, flipped))
    }
    for (const length of [0, 1, 64, 65, 96, 97]) {
      expectError(AuthenticationError, () => openSm2(privateKey, sealed.subarray(0, length)))
    }
  })

  it('gives the published digest of the signer', () => {
    expect(encodeHex(sm2SignerDigest(point))).to.equal(
      'b2e14c5c79c6df5b85f4fe7ed8db7a262b9da7e07ccb0ea9f4747b8ccda8a4f3',
    )
  })

  it('seals to no point off the curve, and takes no private number out of range', () => {
    expect(() => sealSm2(decodeHex(`04${'11'.repeat(64)}`), message)).to.throw(RangeError, 'curve')
    expect(() => sealSm2(point.subarray(1), message)).to.throw(RangeError, '65 bytes')
    const order = 'fffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123'
    expect(() => sm2Scalar(new Uint8Array(32))).to.throw(RangeError)
    expect(() => sm2Scalar(decodeHex(order))).to.throw(RangeError)
    expect(() => sm2Scalar(decodeHex(order.replace(/23$/, '22')))).to.throw(RangeError)
    expect(sm2Scalar(decodeHex(order.replace(/23$/, '21')))).to.be.a('bigint')
  })

  it('draws again when the mask would be all zeros', () => {
    // The number 470 gives this key a mask whose first byte is zero; it is one more than what is drawn.
    const draws: number[] = [469, 1]
    const random = (lengthBytes: number) => {
      const bytes = new Uint8Array(lengthBytes)
      new DataView(bytes.buffer).setUint32(lengthBytes - 4, draws.shift() ?? 0)
      return bytes
    }
    const sealed = sealSm2(point, Uint8Array.of(0x5a), random)
    expect(draws, 'draws left').to.deep.equal([])
    expect(sealed.at(-1), 'the byte in the clear').to.not.equal(0x5a)
    expect(openSm2(privateKey, sealed)).to.deep.equal(Uint8Array.of(0x5a))
  })
})

describe('signatures as DER', () => {
  it('come back as they were', () => {
    const half = fc.oneof(
      fc.uint8Array({ minLength: 32, maxLength: 32 }),
      fc
        .nat({ max: 31 })
        .map((zeros) => concat(new Uint8Array(zeros), namedBytes('n', 32 - zeros))),
    )
    fc.assert(
      fc.property(half, half, (r, s) => {
        const signature = concat(r, s)
        const der = encodeSignatureDer(signature)
        expect(encodeHex(decodeSignatureDer(der))).to.equal(encodeHex(signature))
      }),
    )
  })

  it('are of least length, with a zero before a high bit', () => {
    const signature = new Uint8Array(64)
    signature[31] = 1
    signature[63] = 0x80
    expect(encodeHex(encodeSignatureDer(signature))).to.equal('300702010102020080')
  })
})
