import type { Flow } from './flow.ts'

/**
 * The Lorenz flow with σ = 10, ρ = 28, β = 8/3 (E. N. Lorenz, "Deterministic nonperiodic flow",
 * J. Atmos. Sci. 20, 1963), the first flow of the paper's step 2.
 */
export const lorenz: Flow = {
  name: 'lorenz',
  stepSize: 2 ** -7,
  slope(at, slope) {
    slope.x = 10 * (at.y - at.x)
    slope.y = at.x * (28 - at.z) - at.y
    slope.z = at.x * at.y - (8 / 3) * at.z
  },
}
