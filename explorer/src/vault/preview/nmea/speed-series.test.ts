import { expect } from 'chai'
import { withGaps } from './speed-gaps.ts'
import { MAX_SPEED_SAMPLES, SpeedSeries } from './speed-series.ts'

describe('SpeedSeries', () => {
  it('keeps few samples as they are', () => {
    const series = new SpeedSeries()
    const samples = [3, 5, 4].map((knots, second) => ({ timeMs: second * 1000, knots }))
    for (const sample of samples) series.add(sample)
    expect(series.finish()).to.deep.equal({ samples, count: 3, meanKnots: 4, highestKnots: 5 })
  })

  it('makes means of neighbours when there are many, and loses no time and no mean', () => {
    const series = new SpeedSeries()
    const count = 10 * MAX_SPEED_SAMPLES + 7
    for (let second = 0; second < count; second++) {
      series.add({ timeMs: second * 1000, knots: second === 5000 ? 20 : 10 })
    }
    const speed = series.finish()
    expect(speed.samples.length).to.be.within(MAX_SPEED_SAMPLES / 2, MAX_SPEED_SAMPLES)
    expect(speed.highestKnots).to.equal(20)
    expect(speed.meanKnots).to.be.closeTo(10 + 10 / count, 1e-9)
    expect(speed.samples[0]?.timeMs).to.be.below(20_000)
    expect(speed.samples.at(-1)?.timeMs).to.be.above((count - 20) * 1000)
  })

  it('gives samples in the order of time when a clock was set back', () => {
    const series = new SpeedSeries()
    for (const timeMs of [5000, 6000, 1000]) series.add({ timeMs, knots: 1 })
    expect(series.finish().samples.map(({ timeMs }) => timeMs)).to.deep.equal([1000, 5000, 6000])
  })
})

describe('withGaps', () => {
  const samplesAt = (...minutes: readonly number[]) =>
    minutes.map((minute) => ({ timeMs: minute * 60_000, knots: 1 }))

  it('breaks the line in a silence', () => {
    expect(withGaps(samplesAt(0, 1, 2, 62, 63))).to.deep.equal([
      ...samplesAt(0, 1, 2),
      { timeMs: 32 * 60_000, knots: null },
      ...samplesAt(62, 63),
    ])
  })

  it('does not break a line of hourly samples', () => {
    const samples = samplesAt(0, 60, 120, 180)
    expect(withGaps(samples)).to.deep.equal(samples)
  })
})
