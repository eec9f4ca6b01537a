import { expect } from 'chai'
import { readClientNumber } from './read-client-number.ts'

describe('readClientNumber', () => {
  for (const [text, expected] of [
    ['7', 7],
    [' 12 ', 12],
    ['4294967295', 4_294_967_295],
    ['4294967296', null],
    ['0', null],
    ['-1', null],
    ['1.5', null],
    ['0x10', null],
    ['', null],
  ] as const) {
    it(`reads ${JSON.stringify(text)} as ${expected}`, () => {
      expect(readClientNumber(text)).to.equal(expected)
    })
  }
})
