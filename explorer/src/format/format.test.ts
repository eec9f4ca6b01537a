import { expect } from 'chai'
import { formatBytes } from './format-bytes.ts'
import { formatCount, formatCredit, formatCreditChange } from './format-number.ts'
import { formatAge, formatTime } from './format-time.ts'
import { shorten } from './shorten.ts'

describe('formatBytes', () => {
  for (const [bytes, expected] of [
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1 kB'],
    [1_416_000, '1.42 MB'],
    [999_999, '1 MB'],
    [8_000_000_000_000, '8 TB'],
    [Number.MAX_SAFE_INTEGER, '9.01 PB'],
  ] as const) {
    it(`writes ${bytes} as ${expected}`, () => {
      expect(formatBytes(bytes, 'en')).to.equal(expected)
    })
  }

  it('never shows four digits before a unit, nor zero of a larger one', () => {
    for (let power = 0; power < 15; power += 0.05) {
      expect(formatBytes(Math.round(10 ** power), 'en'), String(power)).to.match(
        /^[1-9]\d{0,2}(\D|$)/,
      )
    }
  })
})

describe('formatTime', () => {
  it('is in UTC to the second', () => {
    expect(formatTime(Date.UTC(2026, 10, 22, 2, 31, 15, 999))).to.equal('2026-11-22 02:31:15')
  })

  it('is null for a time no calendar has', () => {
    expect(formatTime(Number.MAX_SAFE_INTEGER)).to.equal(null)
  })
})

describe('formatAge', () => {
  const now = Date.UTC(2026, 10, 22)
  it('takes the largest unit that fits', () => {
    expect(formatAge(now - 59_000, now, 'en')).to.equal('59 sec. ago')
    expect(formatAge(now - 3_600_000, now, 'en')).to.equal('1 hr. ago')
    expect(formatAge(now + 2 * 365 * 86_400_000, now, 'en')).to.equal('in 2 yr.')
  })

  it('speaks the language of the pages', () => {
    expect(formatAge(now - 120_000, now, 'zh-CN')).to.equal('2分钟前')
  })
})

describe('numbers', () => {
  it('writes counts, credit and its changes', () => {
    expect(formatCount(1_234_567, 'en')).to.equal('1,234,567')
    expect(formatCredit(25_000, 'en')).to.equal('2.5%')
    expect(formatCreditChange(-34_900, 'en')).to.equal('-3.5')
    expect(formatCreditChange(254_000, 'en')).to.equal('+25.4')
  })
})

describe('shorten', () => {
  it('keeps prefix and both ends', () => {
    expect(shorten(`0x${'ab'.repeat(32)}`)).to.equal('0xababab…abab')
    expect(shorten(`orlop:${'q'.repeat(48)}wxyz`)).to.equal('orlop:qqqqqq…wxyz')
  })

  it('leaves short text alone', () => {
    expect(shorten('0x1234')).to.equal('0x1234')
  })
})
