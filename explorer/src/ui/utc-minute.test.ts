import { expect } from 'chai'
import { readUtcMinute } from './utc-minute.ts'

describe('readUtcMinute', () => {
  it('reads a browser’s local time field as UTC', () => {
    expect(readUtcMinute('2026-11-22T02:31')).to.equal(Date.UTC(2026, 10, 22, 2, 31))
  })

  for (const text of ['', 'yesterday', '2026-11-22', '2026-13-40T02:31', '1969-12-31T23:59']) {
    it(`reads nothing from '${text}'`, () => {
      expect(readUtcMinute(text)).to.equal(null)
    })
  }
})
