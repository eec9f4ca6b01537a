import { expect } from 'chai'
import fc from 'fast-check'

import {
  assertBytes,
  assertInteger,
  compareBytes,
  concat,
  decodeHex,
  encodeHex,
  equalConstantTime,
  randomBytes,
  u32be,
  u64be,
  wipe,
} from './bytes.ts'

describe('bytes', () => {
  it('says label, expected and got when a value is not as it should be', () => {
    expect(() => assertBytes('salt', 'text')).to.throw(TypeError, 'salt: expected Uint8Array')
    expect(() => assertBytes('salt', new Uint8Array(3), 4)).to.throw(
      RangeError,
      'salt: expected 4 bytes, got 3',
    )
    expect(() => assertInteger('k', 1.5, { min: 0, max: 2 })).to.throw(TypeError, 'got 1.5')
    expect(() => assertInteger('k', 3, { min: 0, max: 2 })).to.throw(RangeError, '0 to 2, got 3')
  })

  it('writes big-endian integers up to their bounds', () => {
    expect(encodeHex(u32be(0x01020304))).to.equal('01020304')
    expect(encodeHex(u64be(Number.MAX_SAFE_INTEGER))).to.equal('001fffffffffffff')
    expect(() => u32be(2 ** 32)).to.throw(RangeError)
    expect(() => u64be(2 ** 53)).to.throw(TypeError)
    expect(() => u64be(-1)).to.throw(RangeError)
  })

  it('restores any bytes from their hexadecimal form', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(decodeHex(encodeHex(bytes))).to.deep.equal(Uint8Array.from(bytes))
        expect(decodeHex(`0x${encodeHex(bytes).toUpperCase()}`)).to.deep.equal(
          Uint8Array.from(bytes),
        )
      }),
    )
    expect(() => decodeHex('abc')).to.throw(RangeError)
    expect(() => decodeHex('zz')).to.throw(RangeError)
  })

  it('compares for equality and order as sorted hexadecimal does', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 4 }), fc.uint8Array({ maxLength: 4 }), (a, b) => {
        const [left, right] = [encodeHex(a), encodeHex(b)]
        expect(equalConstantTime(a, b)).to.equal(left === right)
        expect(Math.sign(compareBytes(a, b))).to.equal(left < right ? -1 : left > right ? 1 : 0)
      }),
    )
  })

  it('joins parts in order and wipes in place', () => {
    const joined = concat(Uint8Array.of(1), new Uint8Array(0), Uint8Array.of(2, 3))
    expect(joined).to.deep.equal(Uint8Array.of(1, 2, 3))
    wipe(joined)
    expect(joined).to.deep.equal(new Uint8Array(3))
  })

  it('fills every part of a long random string', () => {
    const bytes = randomBytes(200_000)
    for (let start = 0; start < bytes.length; start += 20_000) {
      expect(bytes.subarray(start, start + 20_000).some((byte) => byte !== 0)).to.equal(true)
    }
  })
})
