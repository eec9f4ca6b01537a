import { expect } from 'chai'
import { cutEdges } from './cut-edges.ts'

describe('cutEdges', () => {
  for (const [scrollLeft, scrollWidth, expected] of [
    [0, 300, 'none'],
    [0, 301, 'none'],
    [0, 500, 'end'],
    [100, 500, 'both'],
    [200, 500, 'start'],
    [199.5, 500, 'start'],
  ] as const) {
    it(`is ${expected} for content of ${scrollWidth} px, scrolled by ${scrollLeft}, in 300`, () => {
      expect(cutEdges({ scrollLeft, scrollWidth, clientWidth: 300 })).to.equal(expected)
    })
  }
})
