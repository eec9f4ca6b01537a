import { expect } from 'chai'
import {
  parseChoice,
  parseLabels,
  parseRange,
  parseRecipient,
  parseTime,
  parseWhole,
} from './parse-options.ts'

describe('options of the command line', () => {
  it('are read', () => {
    expect(parseLabels(['voyage=2203-E', 'leg=1=a'])).to.deep.equal({
      voyage: '2203-E',
      leg: '1=a',
    })
    expect(parseWhole('--copies', '3')).to.equal(3)
    expect(parseTime('--from', '2022-03-22')).to.equal(Date.UTC(2022, 2, 22))
    expect(parseChoice('--class', { image: 1 }, 'image')).to.equal('image')
    expect(parseRange('0-1023')).to.deep.equal({ start: 0, end: 1024 })
    expect(parseRecipient('--with', '7')).to.equal(7)
    const pinned = { clientId: 7, openingKey: new Uint8Array(32).fill(0xab) }
    expect(parseRecipient('--with', `7=${'aB'.repeat(32)}`)).to.deep.equal(pinned)
    expect(parseRange('5-')).to.deep.equal({ start: 5 })
  })

  it('are refused as wrong usage, with their name', () => {
    const wrong: [RegExp, () => unknown][] = [
      [/--label 'x'/, () => parseLabels(['x'])],
      [/--label '=x'/, () => parseLabels(['=x'])],
      [/--copies/, () => parseWhole('--copies', 'two')],
      [/--copies/, () => parseWhole('--copies', '-1')],
      [/--with/, () => parseRecipient('--with', 'seven')],
      [/opening key/, () => parseRecipient('--with', '7=ab')],
      [/--from/, () => parseTime('--from', 'yesterday')],
      [/--class takes one of image/, () => parseChoice('--class', { image: 1 }, 'toString')],
      [/--range/, () => parseRange('a-b')],
      [/ends before it begins/, () => parseRange('9-3')],
    ]
    for (const [message, parse] of wrong) {
      expect(parse).to.throw(message).with.property('code', 'USAGE')
    }
  })
})
