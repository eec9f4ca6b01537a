import { expect } from 'chai'
import fc from 'fast-check'

import { logistic2d } from './logistic-2d.ts'
import type { PlanePoint } from './plane-map.ts'

describe('2D-Logistic map', () => {
  it('follows the trajectory computed independently, to the last bit', () => {
    // From (0.25, 0.75), in Python (binary64, the formula typed anew).
    expect(iterated(1)).to.deep.equal({ x: 0.7363125, y: 0.5481874999999999 })
    expect(iterated(100)).to.deep.equal({ x: 0.22856586643065724, y: 0.8743326145362879 })
    expect(iterated(10_000)).to.deep.equal({ x: 0.9400503500819315, y: 0.5907224968467351 })
  })

  it('maps the box [0, 0.9939] × [0, 0.9032] into itself, so that no seed escapes', () => {
    // 1−x and 1−y are not negative there, so images are not negative either; the largest images:
    const largestX = 3.375 / 4 + 0.184 * 0.9032 ** 2
    const y = 0.5 + (0.143 * 0.9939) / (2 * 2.733)
    const largestY = 2.733 * y * (1 - y) + 0.143 * (0.9939 ** 2 + 0.9939 * y)
    expect(largestX).to.be.below(0.9939)
    expect(largestY).to.be.below(0.9032)
  })

  it('stays in that box from a block seed', () => {
    const coordinate = fc.double({ min: 0.1, max: 0.9, noNaN: true })
    const staysInside = (point: PlanePoint): boolean => {
      for (let i = 0; i < 1152; i++) {
        if (!(point.x >= 0 && point.x <= 0.9939 && point.y >= 0 && point.y <= 0.9032)) return false
        logistic2d.iterate(point)
      }
      return true
    }
    fc.assert(fc.property(fc.record({ x: coordinate, y: coordinate }), staysInside))
  })
})

function iterated(count: number): PlanePoint {
  const point = { x: 0.25, y: 0.75 }
  for (let i = 0; i < count; i++) logistic2d.iterate(point)
  return point
}
