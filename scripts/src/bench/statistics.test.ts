import { expect } from 'chai'
import { median, percentile, ratios, summarize } from './statistics.ts'

describe('bench statistics', () => {
  it('takes the middle of an odd, and the mean of the middle two of an even number of runs', () => {
    expect(median([9, 1, 5])).to.equal(5)
    expect(median([4, 1, 2, 100])).to.equal(3)
    expect(() => median([])).to.throw(RangeError)
  })

  it('takes percentiles by nearest rank', () => {
    const values = Array.from({ length: 60 }, (_, place) => 60 - place)
    expect(percentile(values, 95)).to.equal(57)
    expect(percentile([7], 95)).to.equal(7)
    expect(() => percentile([], 95)).to.throw(RangeError)
  })

  it('divides run by run', () => {
    expect(ratios([2, 9], [1, 3])).to.deep.equal([2, 3])
    expect(() => ratios([1], [1, 2])).to.throw(RangeError)
  })

  it('says whether the median meets the bar, and nothing without a bar', () => {
    const of = (values: number[], bar?: { atMost: number } | { atLeast: number }) =>
      summarize({ metric: 'm', unit: 's', values, ...(bar && { bar }) })
    expect(of([1, 2, 9], { atMost: 2 }).met).to.equal(true)
    expect(of([1, 3, 9], { atMost: 2 }).met).to.equal(false)
    expect(of([1, 3, 9], { atLeast: 3 }).met).to.equal(true)
    expect(of([1, 2, 9], { atLeast: 3 }).met).to.equal(false)
    expect(of([4, 1])).to.deep.equal({
      metric: 'm',
      unit: 's',
      median: 2.5,
      min: 1,
      max: 4,
      runs: 2,
    })
  })
})
