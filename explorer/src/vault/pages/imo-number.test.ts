import { expect } from 'chai'
import { readImoNumber } from './imo-number.ts'

describe('readImoNumber', () => {
  for (const [text, expected] of [
    ['9074729', 9_074_729],
    [' imo 9074729 ', 9_074_729],
    ['', 0],
    ['  ', 0],
    ['9074728', null],
    ['907472', null],
    ['90747290', null],
    ['nine', null],
  ] as const) {
    it(`reads ${JSON.stringify(text)} as ${expected}`, () => {
      expect(readImoNumber(text)).to.equal(expected)
    })
  }
})
