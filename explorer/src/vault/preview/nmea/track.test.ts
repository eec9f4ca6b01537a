import { expect } from 'chai'
import fc from 'fast-check'
import { MAX_TRACK_POINTS, TrackBuilder } from './track.ts'

const MINUTE_MS = 60_000
const at = (latitude: number, longitude: number) => ({ latitude, longitude })

describe('TrackBuilder', () => {
  it('goes on over the 180th meridian, either way', () => {
    const builder = new TrackBuilder()
    for (const longitude of [179.8, -179.9, -179.5, 179.9, 179.1]) {
      builder.add(at(-17, longitude), null)
    }
    const longitudes = builder.finish().points.map((point) => point.longitude)
    const expected = [179.8, 180.1, 180.5, 179.9, 179.1]
    for (const [index, longitude] of longitudes.entries()) {
      expect(longitude).to.be.closeTo(expected[index]!, 1e-9)
    }
  })

  it('breaks the line where there was no fix, and counts no distance there', () => {
    const builder = new TrackBuilder()
    builder.add(at(60, 20), 0)
    builder.add(at(60 + 1 / 60, 20), MINUTE_MS)
    builder.breakLine()
    builder.breakLine()
    builder.add(at(61, 20), 2 * MINUTE_MS)
    builder.add(at(61 + 1 / 60, 20), 3 * MINUTE_MS)
    const { points, distanceMetres, breaks } = builder.finish()
    expect(points.map(({ isStart }) => isStart)).to.deep.equal([true, false, true, false])
    expect(breaks).to.equal(1)
    // A minute of latitude is a nautical mile, on the sphere as on the sea within half a percent.
    expect(distanceMetres).to.be.closeTo(2 * 1852, 10)
  })

  it('breaks the line at a silence that is long for this log', () => {
    const builder = new TrackBuilder()
    for (const minute of [0, 1, 2, 30, 31])
      builder.add(at(60 + minute / 60, 20), minute * MINUTE_MS)
    expect(builder.finish().points.map(({ isStart }) => isStart)).to.deep.equal([
      true,
      false,
      false,
      true,
      false,
    ])
  })

  it('does not break the line of a log that has a fix every hour', () => {
    const builder = new TrackBuilder()
    for (let hour = 0; hour < 5; hour++) builder.add(at(60 + hour, 20), hour * 60 * MINUTE_MS)
    expect(builder.finish().breaks).to.equal(0)
  })

  it('breaks the line when the clock is set back', () => {
    const builder = new TrackBuilder()
    builder.add(at(60, 20), 10 * MINUTE_MS)
    builder.add(at(60, 21), 5 * MINUTE_MS)
    expect(builder.finish().breaks).to.equal(1)
  })

  it('takes one fix of several at the same time', () => {
    const builder = new TrackBuilder()
    builder.add(at(60, 20), 1000)
    builder.add(at(60.1, 20), 1000)
    expect(builder.finish().fixes).to.equal(1)
  })

  it('counts no distance for a receiver that wanders at the berth', () => {
    const builder = new TrackBuilder()
    for (let second = 0; second < 3600; second++) {
      builder.add(at(60 + (second % 2) * 5e-5, 20), second * 1000)
    }
    expect(builder.finish().distanceMetres).to.equal(0)
  })

  it('keeps the first and the last fix of a long log, and not more points than the limit', () => {
    for (const fixes of [MAX_TRACK_POINTS - 1, MAX_TRACK_POINTS, 10_001, 100_000]) {
      const builder = new TrackBuilder()
      for (let index = 0; index < fixes; index++) {
        builder.add(at(index / fixes, index / fixes), index * 1000)
      }
      const { points, fixes: counted } = builder.finish()
      expect(counted).to.equal(fixes)
      expect(points.length).to.be.within(MAX_TRACK_POINTS / 2, MAX_TRACK_POINTS)
      expect(points[0]?.timeMs).to.equal(0)
      expect(points.at(-1)?.timeMs).to.equal((fixes - 1) * 1000)
      expect(points.filter(({ isStart }) => isStart)).to.have.length(1)
    }
  })

  it('draws no line over a break, however many points had to go', () => {
    const breaks = fc.uniqueArray(fc.nat(3 * MAX_TRACK_POINTS), { minLength: 1, maxLength: 5 })
    fc.assert(
      fc.property(breaks, (broken) => {
        const builder = new TrackBuilder()
        for (let index = 0; index <= 3 * MAX_TRACK_POINTS; index++) {
          if (index > 0 && broken.includes(index)) builder.breakLine()
          builder.add(at(index / 1e6, 0), index * 1000)
        }
        const { points } = builder.finish()
        for (const [index, { timeMs, isStart }] of points.entries()) {
          const before = points[index - 1]?.timeMs ?? null
          if (before === null || timeMs === null) continue
          const isOver = broken.some((each) => each * 1000 > before && each * 1000 <= timeMs)
          expect(isStart).to.equal(isOver)
        }
      }),
      { numRuns: 20 },
    )
  })
})
