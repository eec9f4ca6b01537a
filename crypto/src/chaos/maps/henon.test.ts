import { expect } from 'chai'
import fc from 'fast-check'

import { henon } from './henon.ts'
import type { PlanePoint } from './plane-map.ts'

/** Corners of the region that Hénon (1976, section 4) shows to be mapped into itself. */
const TRAPPING_REGION: PlanePoint[] = [
  { x: -1.33, y: 0.42 },
  { x: 1.32, y: 0.133 },
  { x: 1.245, y: -0.14 },
  { x: -1.06, y: -0.5 },
]

describe('Hénon map', () => {
  it('follows the trajectory computed independently, to the last bit', () => {
    // From (0.125, 0.0625), in Python (binary64, the formula typed anew).
    expect(iterated(1)).to.deep.equal({ x: 1.040625, y: 0.0375 })
    expect(iterated(100)).to.deep.equal({ x: 0.7063358558141077, y: 0.0021035066535484205 })
    expect(iterated(10_000)).to.deep.equal({ x: -0.32766711257428016, y: 0.2736582925077385 })
  })

  it('has its fixed point where algebra puts it', () => {
    const x = (-0.7 + Math.sqrt(0.7 * 0.7 + 4 * 1.4)) / 2.8
    const point = { x, y: 0.3 * x }
    henon.iterate(point)
    expect(point.x).to.be.closeTo(x, 1e-15)
    expect(point.y).to.be.closeTo(0.3 * x, 1e-15)
  })

  it('never leaves its trapping region from a block seed', () => {
    const seed = fc.record({
      x: fc.double({ min: -0.25, max: 0.25, noNaN: true }),
      y: fc.double({ min: -0.05, max: 0.05, noNaN: true }),
    })
    const staysInside = (point: PlanePoint): boolean => {
      for (let i = 0; i < 1152; i++) {
        if (!isInTrappingRegion(point)) return false
        henon.iterate(point)
      }
      return true
    }
    fc.assert(fc.property(seed, staysInside))
  })
})

function iterated(count: number): PlanePoint {
  const point = { x: 0.125, y: 0.0625 }
  for (let i = 0; i < count; i++) henon.iterate(point)
  return point
}

/** The corners run clockwise: a point inside lies to the right of every edge. */
function isInTrappingRegion(point: PlanePoint): boolean {
  return TRAPPING_REGION.every((from, index) => {
    const to = TRAPPING_REGION[(index + 1) % TRAPPING_REGION.length]!
    return (to.x - from.x) * (point.y - from.y) - (to.y - from.y) * (point.x - from.x) <= 0
  })
}
