import { expect } from 'chai'
import fc from 'fast-check'

import { chen } from './chen.ts'
import { FlowOrbit } from './flow-orbit.ts'
import type { Flow, FlowState } from './flow.ts'
import { lorenz } from './lorenz.ts'

const START: FlowState = { x: 1, y: 2, z: 25 }

/**
 * Points after 1, 100 and 10 000 steps from {@link START}, computed in Python (binary64, the
 * formulas typed anew). After 10 000 steps a difference in the last bit would fill the attractor.
 */
const TRAJECTORIES: { flow: Flow; points: Record<number, FlowState> }[] = [
  {
    flow: lorenz,
    points: {
      1: { x: 1.075522585208144, y: 2.010726908647033, z: 24.50065016700991 },
      100: { x: 1.1844888496538193, y: -0.05317923299479876, z: 21.549607967985136 },
      10000: { x: -3.622359062870658, y: -4.830242752197575, z: 18.31063573939101 },
    },
  },
  {
    flow: chen,
    points: {
      1: { x: 1.0676256121932834, y: 2.0461679948851383, z: 24.858018338592192 },
      100: { x: 5.987190129493034, y: 7.43863342531393, z: 16.336793708468758 },
      10000: { x: -9.723233572247022, y: -8.192048382868693, z: 26.595301145011366 },
    },
  },
]

/** The paper's start values: x and y within ±8, z within 25 ± 8. */
const startPoint = fc.record({
  x: fc.double({ min: -8, max: 8, noNaN: true }),
  y: fc.double({ min: -8, max: 8, noNaN: true }),
  z: fc.double({ min: 17, max: 33, noNaN: true }),
})

for (const { flow, points } of TRAJECTORIES) {
  describe(`${flow.name} flow`, () => {
    it('follows the trajectory computed independently, to the last bit', () => {
      for (const [steps, point] of Object.entries(points)) {
        const orbit = new FlowOrbit(flow, START)
        orbit.advance(Number(steps))
        expect(orbit.at, `${steps} steps`).to.deep.equal(point)
      }
    })

    it('is integrated to order 4: half the step leaves a sixteenth of the error', () => {
      const exact = integrate(flow, 64)
      const coarse = distance(integrate(flow, 1), exact)
      const fine = distance(integrate(flow, 2), exact)
      expect(coarse / fine).to.be.within(12, 20)
    })

    it('keeps every coordinate below 64, where its words are taken', () => {
      const largestOf = (start: FlowState): number => {
        const orbit = new FlowOrbit(flow, start)
        let largest = 0
        for (let step = 0; step < 3000; step++) {
          orbit.advance(1)
          const { x, y, z } = orbit.at
          largest = Math.max(largest, Math.abs(x), Math.abs(y), Math.abs(z))
        }
        return largest
      }
      fc.assert(
        fc.property(startPoint, (start) => largestOf(start) < 64),
        { numRuns: 50 },
      )
    })

    it('forgets its point when wiped', () => {
      const orbit = new FlowOrbit(flow, START)
      orbit.advance(3)
      orbit.wipe()
      expect(orbit.at).to.deep.equal({ x: 0, y: 0, z: 0 })
    })
  })
}

/** Where the flow is after 16 of its steps, each cut into `parts`. */
function integrate(flow: Flow, parts: number): FlowState {
  const cut: Flow = {
    name: flow.name,
    stepSize: flow.stepSize / parts,
    slope: (at, slope) => {
      flow.slope(at, slope)
    },
  }
  const orbit = new FlowOrbit(cut, START)
  orbit.advance(16 * parts)
  return orbit.at
}

function distance(a: FlowState, b: FlowState): number {
  return Math.hypot(a.x - b.x, a.y - b.y, a.z - b.z)
}
