import { expect } from 'chai'
import fc from 'fast-check'
import { packTerms, unpackTerms } from './packed-commit.ts'

const byte = fc.nat({ max: 255 })
const long = fc.nat({ max: Number.MAX_SAFE_INTEGER })
const terms = fc.record({
  streamBytes: long,
  expiry: long,
  sequence: long,
  classCode: fc.nat({ max: 0xffff }),
  index: byte,
  k: byte,
  m: byte,
  level: byte,
  flags: byte,
})

describe('packed commit', () => {
  it('unpacks to the numbers that were packed', () => {
    fc.assert(
      fc.property(terms, (numbers) => {
        const found = unpackTerms(packTerms(numbers))
        const back = Object.entries(found).map(([field, value]) => [field, Number(value)])
        expect(Object.fromEntries(back)).to.deep.equal(numbers)
      }),
    )
  })

  it('lays the fields out as types/Terms.sol says', () => {
    const numbers = { flags: 1, level: 2, m: 3, k: 4, index: 5, classCode: 6 }
    const word = packTerms({ ...numbers, sequence: 7, expiry: 8, streamBytes: 9 })
    const digits = word.toString(16).padStart(64, '0')
    expect(digits).to.equal(
      '00' + '0000000000000009' + '0000000000000008' + '0000000000000007' + '0006' + '0504030201',
    )
  })
})
