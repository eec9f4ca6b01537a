import { expect } from 'chai'
import fc from 'fast-check'

import { powerSpectrum } from './fourier.ts'

describe('powerSpectrum', () => {
  it('agrees with the definition of the transform for every length to 130', () => {
    for (let size = 1; size <= 130; size++) {
      const values = Float64Array.from({ length: size }, (_, index) => ((index * 7919) % 23) - 11)
      const expected = byDefinition(values)
      const tolerance = 1e-9 * Math.max(...expected)
      powerSpectrum(values).forEach((power, index) => {
        expect(power, `${size} values, ${index}`).to.be.closeTo(expected[index]!, tolerance)
      })
    }
  })

  it('keeps the energy (Parseval), also of long sequences', () => {
    const length = fc.constantFrom(1000, 4096, 20_000, 2 * 3 * 5 * 7 * 11)
    fc.assert(
      fc.property(length, fc.integer(), (size, seed) => {
        const values = Float64Array.from({ length: size }, (_, index) =>
          Math.sin(seed + index ** 2),
        )
        const energy = values.reduce((sum, value) => sum + value * value, 0)
        const power = powerSpectrum(values).reduce((sum, value) => sum + value, 0)
        expect(power / size).to.be.closeTo(energy, 1e-6 * energy)
      }),
      { numRuns: 10 },
    )
  })

  it('refuses a length with a large prime factor', () => {
    expect(() => powerSpectrum(new Float64Array(2 * 1031))).to.throw(RangeError, '2062 values')
    expect(powerSpectrum(new Float64Array(2 * 1021))).to.have.length(2042)
  })

  it('finds a pure tone where it is', () => {
    const tone = Float64Array.from({ length: 1000 }, (_, n) =>
      Math.cos((2 * Math.PI * 60 * n) / 1000),
    )
    const power = powerSpectrum(tone)
    expect(power[60]).to.be.closeTo(250_000, 1e-6)
    expect(power[940]).to.be.closeTo(250_000, 1e-6)
    expect(power.reduce((sum, value) => sum + value, 0)).to.be.closeTo(500_000, 1e-6)
  })
})

function byDefinition(values: Float64Array): number[] {
  return Array.from(values, (_, k) => {
    let real = 0
    let imaginary = 0
    values.forEach((value, n) => {
      const angle = (-2 * Math.PI * ((k * n) % values.length)) / values.length
      real += value * Math.cos(angle)
      imaginary += value * Math.sin(angle)
    })
    return real * real + imaginary * imaginary
  })
}
