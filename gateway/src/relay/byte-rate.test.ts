import { expect } from 'chai'
import { ByteRate } from './byte-rate.ts'

describe('byte rate', () => {
  let nowMs = 0
  const clock = { nowMs: () => nowMs, monotonicMs: () => nowMs }

  beforeEach(() => {
    nowMs = 0
  })

  it('lets one second’s bytes pass at once and makes the next ones wait for their time', () => {
    const rate = new ByteRate(1_000, clock)
    expect(rate.take(1_000)).to.equal(0)
    expect(rate.take(500)).to.equal(500)
    expect(rate.take(500)).to.equal(1_000)
  })

  it('pays debts with time, and saves no more than one second', () => {
    const rate = new ByteRate(1_000, clock)
    expect(rate.take(2_000)).to.equal(1_000)
    nowMs = 1_000
    expect(rate.take(0)).to.equal(0)
    nowMs = 60_000
    expect(rate.take(1_000)).to.equal(0)
    expect(rate.take(1)).to.equal(1)
  })
})
