import { expect } from 'chai'
import fc from 'fast-check'
import { distanceMetres } from '../nmea/geodesy.ts'
import type { TrackPoint } from '../nmea/track.ts'
import { formatLatitude, formatLongitude } from './angle-text.ts'
import { heightFor, layOutChart } from './chart-layout.ts'
import { makeGraticule } from './graticule.ts'
import { fitMercator } from './mercator.ts'
import { makeScaleBar } from './scale-bar.ts'

const FRAME = { left: 80, top: 10, width: 800, height: 480 }
const at = (latitude: number, longitude: number) => ({ latitude, longitude })

function trackOf(...places: readonly (readonly [latitude: number, longitude: number])[]) {
  return places.map(([latitude, longitude], index): TrackPoint => ({
    latitude,
    longitude,
    timeMs: index * 60_000,
    isStart: index === 0,
  }))
}

describe('formatLatitude and formatLongitude', () => {
  for (const [text, expected] of [
    [formatLatitude(60 + 5.071 / 60, 2), '60°05.07′N'],
    [formatLatitude(-33.5, 0), '33°30′S'],
    [formatLatitude(59.999_999, 2), '60°00.00′N'],
    [formatLongitude(23 + 32.346 / 60, 2), '23°32.35′E'],
    [formatLongitude(-70.25, 1), '70°15.0′W'],
    [formatLongitude(190.5, 0), '169°30′W'],
    [formatLongitude(-190.5, 0), '169°30′E'],
    [formatLongitude(180, 0), '180°00′'],
    [formatLongitude(0, 1), '0°00.0′'],
    [formatLongitude(10, 0), '10°00′E'],
  ] as const) {
    it(`writes ${expected}`, () => {
      expect(text).to.equal(expected)
    })
  }
})

describe('fitMercator', () => {
  const place = fc.record({
    latitude: fc.double({ min: -84, max: 84, noNaN: true }),
    longitude: fc.double({ min: -400, max: 400, noNaN: true }),
  })

  it('has every place in the frame', () => {
    fc.assert(
      fc.property(fc.array(place, { minLength: 1, maxLength: 10 }), (places) => {
        const { xOf, yOf } = fitMercator(places, FRAME)
        for (const { latitude, longitude } of places) {
          expect(xOf(longitude)).to.be.within(FRAME.left, FRAME.left + FRAME.width)
          expect(yOf(latitude)).to.be.within(FRAME.top, FRAME.top + FRAME.height)
        }
      }),
    )
  })

  it('has the parallels and meridians of its edges at its edges', () => {
    const { north, south, west, east, xOf, yOf } = fitMercator([at(58, 20), at(61, 24)], FRAME)
    expect(yOf(north)).to.be.closeTo(FRAME.top, 1e-6)
    expect(yOf(south)).to.be.closeTo(FRAME.top + FRAME.height, 1e-6)
    expect(xOf(west)).to.be.closeTo(FRAME.left, 1e-6)
    expect(xOf(east)).to.be.closeTo(FRAME.left + FRAME.width, 1e-6)
  })

  it('has one scale in all directions at a place', () => {
    const { xOf, yOf, metresPerPixelAt } = fitMercator([at(60, 23), at(60.2, 23.5)], FRAME)
    const pixelsNorth = yOf(60.1) - yOf(60.11)
    const pixelsEast = xOf(23.11) - xOf(23.1)
    const metresNorth = distanceMetres(at(60.1, 23.1), at(60.11, 23.1))
    const metresEast = distanceMetres(at(60.105, 23.1), at(60.105, 23.11))
    for (const scale of [metresNorth / pixelsNorth, metresEast / pixelsEast]) {
      // The sphere of the distance and the ellipsoid of the chart differ by less than 0.6 %.
      expect(scale / metresPerPixelAt(60.105)).to.be.closeTo(1, 0.006)
    }
  })

  it('draws the poles at its edge instead of at infinity', () => {
    const { yOf } = fitMercator([at(90, 0), at(-90, 10)], FRAME)
    expect(yOf(90)).to.be.within(FRAME.top, FRAME.top + FRAME.height)
  })

  it('gives a ship at its berth some sea', () => {
    const { metresPerPixelAt } = fitMercator([at(60, 20)], FRAME)
    expect(metresPerPixelAt(60) * FRAME.height).to.be.closeTo(370, 4)
  })
})

describe('makeGraticule', () => {
  it('has round lines whose labels have room', () => {
    const track = [at(60 + 5 / 60, 23 + 20 / 60), at(60 + 15 / 60, 23 + 59 / 60)]
    const { meridians, parallels } = makeGraticule(fitMercator(track, FRAME))
    expect(meridians.map(({ label }) => label)).to.include.members(['23°30′E', '23°40′E'])
    expect(parallels.map(({ label }) => label)).to.include('60°10′N')
    for (const lines of [meridians, parallels]) {
      const gaps = lines.slice(1).map((line, index) => Math.abs(line.at - lines[index]!.at))
      expect(Math.min(...gaps)).to.be.at.least(60)
    }
  })

  it('has some lines and not many, with labels of their own, for whatever part of the Earth', () => {
    const corner = fc.tuple(
      fc.double({ min: -90, max: 90, noNaN: true }),
      fc.double({ min: -2000, max: 2000, noNaN: true }),
    )
    const sizes = fc.constantFrom(0, 1e-6, 1e-4, 0.01, 0.1, 1, 10, 60, 170, 5000)
    fc.assert(
      fc.property(corner, sizes, ([latitude, longitude], size) => {
        const far = at(Math.max(-90, Math.min(90, latitude + size)), longitude + size)
        const projection = fitMercator([at(latitude, longitude), far], FRAME)
        const { meridians, parallels } = makeGraticule(projection)
        expect(meridians.length).to.be.within(1, 8)
        expect(parallels.length).to.be.at.most(10)
        const labels = parallels.map(({ label }) => label)
        expect(new Set(labels).size).to.equal(labels.length)
      }),
    )
  })

  it('names the meridians beyond the 180th', () => {
    const { meridians } = makeGraticule(fitMercator([at(-17, 179), at(-18, 182)], FRAME))
    const labels = meridians.map(({ label }) => label)
    expect(labels).to.include.members(['179°00′E', '180°00′', '179°00′W'])
  })
})

describe('makeScaleBar', () => {
  for (const [metresPerPixel, nauticalMiles] of [
    [18, 1],
    [0.9, 0.05],
    [100, 10],
    [40, 2],
    [10_000, 1000],
  ] as const) {
    it(`is ${nauticalMiles} nm long where a pixel is ${metresPerPixel} m`, () => {
      const bar = makeScaleBar(metresPerPixel, 200)
      expect(bar.nauticalMiles).to.equal(nauticalMiles)
      expect(bar.widthPx).to.be.closeTo((nauticalMiles * 1852) / metresPerPixel, 1e-9)
      expect(bar.widthPx).to.be.within(50, 200)
    })
  }
})

describe('layOutChart', () => {
  it('draws each stretch on its own, and a lone fix as a dot', () => {
    const points = trackOf([60, 20], [60.1, 20], [61, 20], [62, 20], [62.1, 20])
    const broken = points.map((point, index) => ({
      ...point,
      isStart: [0, 2, 3].includes(index),
    }))
    expect(layOutChart(broken, 800).path.replaceAll(/[\d. -]+/g, ' ')).to.equal('M L M h M L ')
  })

  it('goes straight over the 180th meridian', () => {
    const { start, end } = layOutChart(trackOf([-17, 179.9], [-17, 180.1]), 800)
    expect(end.x).to.be.above(start.x)
  })

  it('puts the scale where the track is not', () => {
    const toLeft = layOutChart(trackOf([61.2, 24], [60, 20]), 800)
    const toRight = layOutChart(trackOf([61.2, 20], [60, 24]), 800)
    expect(toLeft.scale.x).to.be.above(400)
    expect(toRight.scale.x).to.be.below(400)
  })

  it('marks round times on the way, apart from start and end', () => {
    const hours = Array.from({ length: 241 }, (_, minute) => [60, 20 + minute / 60] as const)
    const { marks, start, end } = layOutChart(trackOf(...hours), 800)
    expect(marks.map(({ timeMs }) => timeMs / 60_000)).to.deep.equal([
      30, 60, 90, 120, 150, 180, 210,
    ])
    for (const { x } of marks) expect(x).to.be.within(start.x, end.x)
  })

  it('has no marks where a ship lies still', () => {
    const still = Array.from({ length: 241 }, () => [60, 20] as const)
    expect(layOutChart(trackOf(...still), 800).marks).to.deep.equal([])
  })

  it('fits the narrowest phone', () => {
    const { projection, height } = layOutChart(trackOf([60, 20], [60.1, 20.5]), 280)
    expect(projection.frame.width).to.be.above(150)
    expect(height).to.equal(heightFor(280))
  })
})
