import { expect } from 'chai'
import fc from 'fast-check'

import { decodeHex, encodeHex } from '../bytes.ts'
import { CryptoError, LimitError, MalformedError } from '../errors.ts'
import { expectError } from '../testing/expect-error.ts'
import { decodeCbor, encodeCbor } from './cbor.ts'
import type { CborValue } from './cbor.ts'

const OPTIONS = { maxBytes: 4096 }

/** RFC 8949 appendix A, as far as this format goes. */
const EXAMPLES: [CborValue, string][] = [
  [0, '00'],
  [23, '17'],
  [24, '1818'],
  [1000000, '1a000f4240'],
  [-1, '20'],
  [-1000, '3903e7'],
  [Number.MAX_SAFE_INTEGER, '1b001fffffffffffff'],
  [1.5, 'f93e00'],
  [1.1, 'fb3ff199999999999a'],
  [false, 'f4'],
  [null, 'f6'],
  [Uint8Array.of(1, 2, 3, 4), '4401020304'],
  ['IETF', '6449455446'],
  ['水', '63e6b0b4'],
  [[1, [2, 3], [4, 5]], '8301820203820405'],
  [{ a: 1, b: [2, 3] }, 'a26161016162820203'],
]

const values = fc.letrec<{ value: CborValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.constant(null),
    fc.boolean(),
    fc.maxSafeInteger(),
    fc.string({ unit: 'grapheme', maxLength: 20 }),
    fc.uint8Array({ maxLength: 40 }).map((bytes) => Uint8Array.from(bytes)),
    fc.array(tie('value'), { maxLength: 5 }),
    fc.dictionary(fc.string({ maxLength: 6 }), tie('value'), { maxKeys: 5, noNullPrototype: true }),
  ),
})).value

describe('canonical CBOR', () => {
  for (const [value, hex] of EXAMPLES) {
    it(`is ${hex} as in RFC 8949 appendix A`, () => {
      expect(encodeHex(encodeCbor(value))).to.equal(hex)
      expect(decodeCbor(decodeHex(hex), OPTIONS)).to.deep.equal(value)
    })
  }

  it('restores any value, and equal values have equal bytes', () => {
    fc.assert(
      fc.property(
        values.filter((value) => !JSON.stringify(value).includes('__proto__')),
        (value) => {
          const bytes = encodeCbor(value)
          const again = decodeCbor(bytes, { maxBytes: 100_000 })
          expect(encodeCbor(again)).to.deep.equal(bytes)
          expect(again).to.deep.equal(value)
        },
      ),
    )
  })

  it('orders keys byte-wise, whatever order they were set in', () => {
    expect(encodeHex(encodeCbor({ b: 1, aa: 2, a: 3 }))).to.equal('a3616103616201626161' + '02')
  })

  const REFUSED: [string, string][] = [
    ['1817', 'an integer in a longer form'],
    ['5801ff', 'a length in a longer form'],
    ['f97e00', 'NaN'],
    ['f97c00', 'Infinity'],
    ['f93c00', 'an integer as a float'],
    ['fa3fc00000', 'a float in a longer form'],
    ['f7', 'undefined'],
    ['1b0020000000000000', 'an integer beyond 2⁵³'],
    ['c11a514b67b0', 'a tag'],
    ['9fff', 'an indefinite array'],
    ['5f41aaff', 'an indefinite byte string'],
    ['a2616201616102', 'keys out of order'],
    ['a2616101616102', 'a key twice'],
    ['a10102', 'a key that is no text'],
    ['0000', 'bytes after the end'],
    ['', 'nothing'],
    ['8201', 'an array that ends early'],
    ['62c080', 'text that is not UTF-8'],
    ['9b001fffffffffffff', 'an array longer than the input'],
    ['5b001fffffffffffff', 'a byte string longer than the input'],
    ['bb001fffffffffffff', 'a map longer than the input'],
    ['fa5a000000', 'a float beyond 2⁵³'],
    ['1c', 'a reserved head'],
  ]
  for (const [hex, what] of REFUSED) {
    it(`refuses ${what}`, () => {
      expectError(MalformedError, () => decodeCbor(decodeHex(hex), OPTIONS))
    })
  }

  it('refuses input beyond its bounds before reading it', () => {
    expectError(LimitError, () => decodeCbor(new Uint8Array(5), { maxBytes: 4 }))
    const nested = new Uint8Array(1_000_000).fill(0x81)
    expectError(LimitError, () => decodeCbor(nested, { maxBytes: 2_000_000 }))
    expect(decodeCbor(decodeHex('8180'), { maxBytes: 9, maxDepth: 2 })).to.deep.equal([[]])
    expectError(LimitError, () => decodeCbor(decodeHex('8180'), { maxBytes: 9, maxDepth: 1 }))
  })

  it('takes __proto__ for a key like any other', () => {
    const value = decodeCbor(decodeHex('a1695f5f70726f746f5f5f81f5'), OPTIONS)
    expect(Object.getPrototypeOf(value)).to.equal(Object.prototype)
    expect(Object.entries(value as object)).to.deep.equal([['__proto__', [true]]])
  })

  it('answers any bytes with a value or a typed error', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        let value: CborValue
        try {
          value = decodeCbor(bytes, OPTIONS)
        } catch (error) {
          expect(error).to.be.instanceOf(CryptoError)
          return
        }
        expect(encodeCbor(value)).to.deep.equal(Uint8Array.from(bytes))
      }),
      { numRuns: 2000 },
    )
  })

  it('does not encode what could not be read back', () => {
    const refused: unknown[] = [undefined, 2 ** 53, Number.NaN, 1n, new Date(), '\ud800', () => 1]
    for (const value of refused) {
      expect(() => encodeCbor(value as CborValue)).to.throw(TypeError, 'CBOR: expected')
      expect(() => encodeCbor([value as CborValue])).to.throw(TypeError)
    }
  })

  it('gives byte strings of their own memory', () => {
    const bytes = encodeCbor([Uint8Array.of(1, 2, 3)])
    const [text] = decodeCbor(bytes, OPTIONS) as Uint8Array[]
    bytes.fill(0)
    expect(text).to.deep.equal(Uint8Array.of(1, 2, 3))
  })
})
