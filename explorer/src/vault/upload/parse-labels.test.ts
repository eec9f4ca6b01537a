import { expect } from 'chai'
import { parseLabels } from './parse-labels.ts'

describe('parseLabels', () => {
  for (const [text, expected] of [
    ['', {}],
    ['voyage=2203-E', { voyage: '2203-E' }],
    [' voyage = 007-N , leg=2,', { voyage: '007-N', leg: '2' }],
    ['航次=一，段=二', { 航次: '一', 段: '二' }],
    ['sum=a=b', { sum: 'a=b' }],
    ['voyage', null],
    ['=1', null],
    ['voyage=', null],
    ['__proto__=x', null],
    [Array.from({ length: 33 }, (_, at) => `l${at}=1`).join(), null],
    [`${'n'.repeat(129)}=1`, null],
  ] as const) {
    it(`reads ${JSON.stringify(text.slice(0, 30))}`, () => {
      expect(parseLabels(text)).to.deep.equal(expected)
    })
  }
})
